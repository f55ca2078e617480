"""Who may read and who may edit interviews: names of this room for the predicates on a membership."""

from accounts import policies

reads_interviews = policies.reads_interviews
edits_interviews = policies.is_designer
