-- A log that is known to be cut, changed or behind its witnesses takes no more writes until an operator has decided.

-- What is known against the log of an identity, by who found it: the signer, or the comparison of lines with the tree. Whoever found it takes
-- it away when the log has shown again that it continues what was signed; an accepted restore begins another identity.
CREATE TABLE log_halts (
  log_id  uuid        NOT NULL,
  source  text        NOT NULL CONSTRAINT log_halts_source CHECK (source IN ('signer', 'lines')),
  detail  text        NOT NULL CONSTRAINT log_halts_detail CHECK (length(detail) BETWEEN 1 AND 10000),
  since   timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT log_halts_pkey PRIMARY KEY (log_id, source)
);

-- After the rows, so that a repeat of what was recorded, which adds none, is still answered. A position that the tree has already was given
-- before: the log was cut, whether the signer has noticed it or not.
CREATE FUNCTION refuse_while_halted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  current_log uuid;
  why         text;
  taken       bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM added) THEN
    RETURN NULL;
  END IF;
  SELECT i.log_id INTO current_log FROM log_identity i ORDER BY i.generation DESC LIMIT 1;
  SELECT h.detail INTO why FROM log_halts h WHERE h.log_id = current_log ORDER BY h.source DESC LIMIT 1;
  IF why IS NULL THEN
    SELECT t.size INTO taken FROM log_tree t WHERE t.log_id = current_log;
    IF (SELECT min(a.position) FROM added a) <= taken THEN
      why := 'The log was cut: its next position was given before, to another event, and the tree has ' || taken || ' events of it.';
    END IF;
  END IF;
  IF why IS NOT NULL THEN
    RAISE EXCEPTION '%', why USING ERRCODE = 'LH001';
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION refuse_while_halted FROM PUBLIC;
CREATE TRIGGER events_halted AFTER INSERT ON events
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_halted();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_halted;

DO $$
DECLARE
  role_name text;
BEGIN
  role_name := current_schema() || '_projection';
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON log_halts TO %I', role_name);
  END IF;
  role_name := current_schema() || '_command';
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT ON log_halts TO %I', role_name);
  END IF;
END
$$;
