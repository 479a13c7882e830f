-- What was signed last is kept also where session_replication_role silences triggers: a role may be given the right to set that.
ALTER TABLE log_checkpoints ENABLE ALWAYS TRIGGER log_checkpoints_kept;
ALTER TABLE log_checkpoints ENABLE ALWAYS TRIGGER log_checkpoints_unchanged;
