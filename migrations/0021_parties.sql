-- Who takes part in each proposal, now and at any moment, beside what is searched of it: parties of the whole ledger are counted from it. And the
-- new names of organisations that a proposal records, which hold in all of them: there are few, and an index leads there
-- (docs/decisions/0023-names-of-parties.md).
ALTER TABLE proposal_search ADD COLUMN parties jsonb NOT NULL DEFAULT '[]', ADD COLUMN renamings jsonb;
ALTER TABLE proposal_search ALTER COLUMN parties DROP DEFAULT;
ALTER TABLE moment_facets ADD COLUMN parties jsonb NOT NULL DEFAULT '[]', ADD COLUMN renamings jsonb;
ALTER TABLE moment_facets ALTER COLUMN parties DROP DEFAULT;
CREATE INDEX proposal_search_renamings ON proposal_search (generation) WHERE renamings IS NOT NULL;
CREATE INDEX moment_facets_renamings ON moment_facets (generation) WHERE renamings IS NOT NULL;

-- What is so now is known; of the past the rebuild tells that is due.
UPDATE proposal_search s SET parties = (p.state::json -> 'parties')::jsonb
  FROM proposal_status p WHERE p.generation = s.generation AND p.proposal_id = s.proposal_id AND p.state IS NOT NULL;
