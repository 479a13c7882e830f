-- Proposals whose moments are not in the tables, because they would fill them: thousands of events, or hundreds that were recorded in another
-- order than that in which they happened. How they stood at a moment is folded when somebody asks. docs/decisions/0007-any-moment.md says why.
CREATE TABLE dense_moments (
  generation  integer NOT NULL CONSTRAINT dense_moments_generation REFERENCES projection_generations ON DELETE CASCADE,
  proposal_id text    NOT NULL COLLATE "C",
  CONSTRAINT dense_moments_pkey PRIMARY KEY (generation, proposal_id)
);

DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT, INSERT ON dense_moments TO %I', role_name);
    -- What there is of a proposal is left out once it is dense.
    EXECUTE format('GRANT DELETE ON proposal_moments, moment_facets TO %I', role_name);
  END IF;
END
$$;
