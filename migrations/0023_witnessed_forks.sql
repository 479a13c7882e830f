-- What the witnesses had cosigned last of a log that was given up is recorded beside what the database and the kept file said of it.

ALTER TABLE log_forks
  DROP CONSTRAINT log_forks_once,
  DROP CONSTRAINT log_forks_source,
  -- The name of the witness; null for the other sources.
  ADD COLUMN witness text COLLATE "C",
  ADD CONSTRAINT log_forks_source CHECK (source IN ('database', 'file', 'witness') AND (source = 'witness') = (witness IS NOT NULL));
CREATE UNIQUE INDEX log_forks_once ON log_forks (new_log_id, source, coalesce(witness, ''));

-- As before (0014), for what a witness has as well. It writes nothing but the last checkpoint of a log that an accepted restore has replaced.
CREATE FUNCTION record_last_checkpoint(old_log uuid, new_log uuid, kept text, by_witness text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM log_tree t JOIN log_identity o ON o.log_id = t.log_id
                   JOIN log_identity n ON n.generation > o.generation
                  WHERE o.log_id = old_log AND n.log_id = new_log
                    AND n.generation = (SELECT max(i.generation) FROM log_identity i)) THEN
    RAISE 'no accepted restore has put the one log in place of the other' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  IF split_part(kept, E'\n', 1) NOT LIKE '%/' || old_log THEN
    RAISE 'this is no checkpoint of the log that ended' USING ERRCODE = 'data_exception';
  END IF;
  INSERT INTO log_forks (old_log_id, new_log_id, note, source, witness, reason)
    VALUES (old_log, new_log, kept, CASE WHEN by_witness IS NULL THEN 'file' ELSE 'witness' END, by_witness,
            CASE WHEN by_witness IS NULL THEN 'The last checkpoint that was signed, by the file that keeps it.'
                 ELSE 'The last checkpoint that the witness ' || by_witness || ' cosigned.' END)
    ON CONFLICT (new_log_id, source, coalesce(witness, '')) DO NOTHING;
END
$$;
REVOKE ALL ON FUNCTION record_last_checkpoint FROM PUBLIC;

-- A service of the version before still calls it.
CREATE OR REPLACE FUNCTION record_kept_checkpoint(old_log uuid, new_log uuid, kept text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT record_last_checkpoint(old_log, new_log, kept, NULL)
$$;

DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION record_last_checkpoint TO %I', role_name);
  END IF;
END
$$;
