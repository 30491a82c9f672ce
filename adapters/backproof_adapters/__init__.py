"""The frameworks' side: one folder per framework, and nothing else imports that framework."""
