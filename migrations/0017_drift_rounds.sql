-- Both projections are compared with fresh folds of the events: a difference is one of a proposal in a projection.
ALTER TABLE projection_drift ADD COLUMN projection text NOT NULL DEFAULT 'proposal-status'
  CONSTRAINT projection_drift_projection CHECK (projection IN ('proposal-status', 'proposal-moments'));
ALTER TABLE projection_drift DROP CONSTRAINT projection_drift_pkey;
ALTER TABLE projection_drift ADD CONSTRAINT projection_drift_pkey PRIMARY KEY (projection, proposal_id);

-- How far the comparison of each projection has gone round all proposals, in the order of their ids. All instances share it and go on where
-- the last of them stopped, so that each proposal has its turn however often instances are started again.
CREATE TABLE drift_rounds (
  projection   text    NOT NULL CONSTRAINT drift_rounds_pkey PRIMARY KEY
    CONSTRAINT drift_rounds_projection CHECK (projection IN ('proposal-status', 'proposal-moments')),
  -- What is compared; another one that has become live is begun with anew.
  generation   integer NOT NULL DEFAULT 0,
  -- The last id that was looked at.
  after        text    NOT NULL DEFAULT '' COLLATE "C",
  -- The end of the log when the round began; null where none goes on.
  up_to        bigint,
  checked      bigint  NOT NULL DEFAULT 0,
  total        bigint  NOT NULL DEFAULT 0,
  -- Whether all proposals of the generation were looked at once.
  is_whole     boolean NOT NULL DEFAULT false,
  -- Whether an admin asked for the round.
  is_asked     boolean NOT NULL DEFAULT false,
  completed_at timestamptz
);
INSERT INTO drift_rounds (projection) VALUES ('proposal-status'), ('proposal-moments');

DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT, UPDATE ON drift_rounds TO %I', role_name);
  END IF;
END
$$;
