-- To whom a proposal is linked, seen from the other side: which proposals have, or once had, a link to `other`.
--
-- Rows are only added. Whether a link holds now, and which relation it is, the labels of `proposal_id` in proposal_status say
-- ('link:<relation>:<other>'); this table says where to look. The labels' own index could be asked instead, but it collects new entries
-- in a list that every search reads through, which would cost each read of a status some milliseconds while events are being recorded.
--
-- The key that refers to the generation takes the rows away with it.
CREATE TABLE proposal_links (
  generation  integer NOT NULL CONSTRAINT proposal_links_generation REFERENCES projection_generations ON DELETE CASCADE,
  other       text    NOT NULL COLLATE "C",
  proposal_id text    NOT NULL COLLATE "C",
  CONSTRAINT proposal_links_pkey PRIMARY KEY (generation, other, proposal_id)
);

DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT, INSERT ON proposal_links TO %I', role_name);
  END IF;
END
$$;
