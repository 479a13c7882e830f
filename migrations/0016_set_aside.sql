-- Batches that end the process that projects them (out of memory, killed for what it takes) are told by what is noted before them: the
-- first batch of a process counts a try, and whoever moves the checkpoint takes that back. docs/decisions/0016-set-aside.md says how it goes on.
ALTER TABLE projection_generations
  -- Processes that began at this checkpoint and have not got beyond it.
  ADD COLUMN tries    integer NOT NULL DEFAULT 0,
  -- The end of the batch that they began.
  ADD COLUMN tried_to bigint  NOT NULL DEFAULT 0,
  -- The session of the last of them: while it is there, its process has not ended.
  ADD COLUMN tried_by integer;

-- Events that ended the process of a projection each time they were tried alone. From there on the proposal stands still in it, after a
-- rebuild as well, until an operator deletes the row.
CREATE TABLE set_aside (
  projection  text        NOT NULL CONSTRAINT set_aside_projection CHECK (projection IN ('proposal-status', 'proposal-moments')),
  proposal_id text        NOT NULL COLLATE "C",
  position    bigint      NOT NULL,
  noted_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT set_aside_pkey PRIMARY KEY (projection, proposal_id)
);

DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT, INSERT ON set_aside TO %I', role_name);
  END IF;
END
$$;
