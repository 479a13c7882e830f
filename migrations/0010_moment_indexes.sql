-- Other indexes on the moments, which together are no dearer than the ones that they replace.
--
-- The key was all bounds of a rectangle and its facets, to answer from the index alone. Rectangles of one proposal lie side by side in the
-- table, so to look at a few of them costs less than a narrower index saves; and the one that a batch closes is found by its first columns.
-- (known_from: in one statement a rectangle is closed and another, of the same first day, opened in its place.)
ALTER TABLE proposal_moments DROP CONSTRAINT proposal_moments_pkey;
ALTER TABLE proposal_moments ADD CONSTRAINT proposal_moments_pkey PRIMARY KEY (generation, proposal_id, known_to, valid_from, known_from);

-- Few at a moment: by stage and ending, with the bounds, so that those of other moments are passed over within the index. What is rare at
-- one moment and common at others is found by it as well.
DROP INDEX proposal_moments_ending;
CREATE INDEX proposal_moments_standing ON proposal_moments (stage, ending, valid_from, known_from, known_to, valid_to);

-- The one condition that is rare, and that neither stage nor labels nor days tell of.
CREATE INDEX proposal_moments_at_risk ON proposal_moments (valid_from, known_from, known_to, valid_to) WHERE conditions @> '{at-risk}';
