-- Until which day a proposal counts only for having been recorded: null where it counts anyway. Rows that were written before this column are
-- filled by the rebuild that the new rules ask for.
ALTER TABLE proposal_moments ADD COLUMN by_record_until date;
