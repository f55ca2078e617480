"""The servers and programs behind `script/server`, `script/with-stack` and `script/test`; the standard library only."""
