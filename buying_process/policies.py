"""Who may do what in the buying process room."""

from accounts import policies

reads_process = policies.reads_process
shapes_process = policies.is_designer
reads_interviews = policies.reads_interviews
