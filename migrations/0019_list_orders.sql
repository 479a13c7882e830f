-- What lists can be sorted by beside what they could: the day of the agreement, and titles in another language than English.
--
-- The defaults are what a release before this one writes while both run; rows are made anew by the rebuild that follows the raised version.
ALTER TABLE proposal_status
  -- The last possible day of the agreement; infinity where none is known.
  ADD COLUMN agreed_on  date  NOT NULL DEFAULT 'infinity',
  -- By language, where a title in it is sorted by another key than title_key.
  ADD COLUMN title_keys jsonb NOT NULL DEFAULT '{}';
ALTER TABLE proposal_moments ADD COLUMN agreed_on date NOT NULL DEFAULT 'infinity';
ALTER TABLE moment_facets ADD COLUMN title_keys jsonb NOT NULL DEFAULT '{}';
