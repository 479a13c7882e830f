-- What is known to be served otherwise than the events say: a row for each such proposal, from when it was found until it was compared
-- again and agreed. Kept here, so that every instance knows of it, and one that was started again as well.
CREATE TABLE projection_drift (
  proposal_id text        NOT NULL COLLATE "C" CONSTRAINT projection_drift_pkey PRIMARY KEY,
  -- In which it was last seen to differ.
  generation  integer     NOT NULL,
  what        text        NOT NULL,
  found_at    timestamptz NOT NULL,
  seen_at     timestamptz NOT NULL
);

DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON projection_drift TO %I', role_name);
  END IF;
END
$$;
