-- Texts of recorded events can be erased for ever. docs/decisions/0048-erasure.md says by which rules, and why the tree and all proofs stay.
--
-- A line is changed in one way only: into the form of an erased one, which keeps its leaf, and only together with an event `erased` of the same
-- proposal, which names its position and the hash of what it says from then on, and who proposed that and who approved it. The trigger below
-- checks this for everybody, also for the owner. All other changes stay refused.

-- What was proposed, and what became of it. A row holds positions and reasons, and nothing of the lines.
CREATE TABLE erasures (
  erasure_id  uuid        NOT NULL DEFAULT gen_random_uuid() CONSTRAINT erasures_pkey PRIMARY KEY,
  log_id      uuid        NOT NULL,
  positions   bigint[]    NOT NULL CONSTRAINT erasures_positions CHECK (cardinality(positions) BETWEEN 1 AND 100),
  reason      text        NOT NULL COLLATE "C",
  decided_by  text        NOT NULL COLLATE "C",
  proposed_by text        NOT NULL COLLATE "C",
  proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at  timestamptz NOT NULL DEFAULT clock_timestamp() + interval '7 days',
  approved_by text        COLLATE "C",
  approved_at timestamptz,
  CONSTRAINT erasures_approved CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CONSTRAINT erasures_by_two CHECK (approved_by <> proposed_by)
);
REVOKE ALL ON erasures FROM PUBLIC;

-- The leaf of a line in the tree: its own hash, or the one that it keeps if it was erased.
CREATE FUNCTION leaf_of_line(line text) RETURNS bytea LANGUAGE sql STABLE SET search_path FROM CURRENT
RETURN CASE WHEN line ~ '^\{"position":[0-9]+,"erased":\{"by":"[0-9a-f-]{36}"\},"leafHash":"[A-Za-z0-9+/]{43}=","recordedAt":'
            THEN decode(substring(line FROM '"leafHash":"([A-Za-z0-9+/]{43}=)"'), 'base64')
            ELSE sha256('\x00'::bytea || convert_to(line, 'UTF8')) END;
REVOKE ALL ON FUNCTION leaf_of_line FROM PUBLIC;

CREATE FUNCTION only_erase() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  -- As encodeRest and eraseLine of packages/domain write them.
  head text := '{"position":' || OLD.position || ',"erased":{"by":"________-____-____-____-____________"},"leafHash":"'
               || encode(leaf_of_line(OLD.line), 'base64') || '","recordedAt":"' || recorded_at_text(OLD.recorded_at) || '","eventId":"'
               || OLD.event_id || '","proposalId":"' || OLD.proposal_id || '","version":' || OLD.version || ',"type":"';
  type text := substring(OLD.line FROM ',"version":[0-9]+,"type":"([a-z-]+)"');
BEGIN
  IF (NEW.position, NEW.proposal_id, NEW.version, NEW.event_id, NEW.recorded_at) = (OLD.position, OLD.proposal_id, OLD.version, OLD.event_id, OLD.recorded_at)
     AND NEW.key_digest IS NOT DISTINCT FROM OLD.key_digest
     AND OLD.line NOT LIKE '{"position":' || OLD.position || ',"erased":%' AND type <> 'erased'
     AND NEW.line LIKE head || type || '",%' AND NEW.line IS JSON OBJECT WITH UNIQUE KEYS
     AND EXISTS (
       SELECT FROM events e
        WHERE e.proposal_id = OLD.proposal_id AND e.version > OLD.version AND e.event_id::text = substring(NEW.line FROM '"by":"([0-9a-f-]{36})"')
          AND e.line LIKE '%,"version":' || e.version || ',"type":"erased",%' AND e.line NOT LIKE '{"position":' || e.position || ',"erased":%'
          AND e.line::jsonb ->> 'recordedBy' <> e.line::jsonb -> 'data' ->> 'proposedBy'
          AND e.line::jsonb -> 'data' -> 'events' @> jsonb_build_array(jsonb_build_object('version', OLD.version, 'position', OLD.position,
                'leafHash', encode(sha256('\x00'::bytea || convert_to(NEW.line, 'UTF8')), 'base64'))))
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% on % is refused: what was recorded is never changed', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
REVOKE ALL ON FUNCTION only_erase FROM PUBLIC;

-- A change of nothing is refused as before, so that whoever tries one is told at once.
CREATE FUNCTION refuse_empty_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM changed) THEN
    RAISE EXCEPTION '% on % is refused: what was recorded is never changed', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION refuse_empty_change FROM PUBLIC;

-- Both wait for those who write, and whoever writes behind them waits too: not for long.
DO $$
BEGIN
  SET LOCAL lock_timeout = '500ms';
  FOR attempt IN 1 .. 120 LOOP
    BEGIN
      LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE;
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      PERFORM pg_sleep(0.5);
    END;
  END LOOP;
  RAISE 'events are recorded without a pause; migrate again when fewer are' USING ERRCODE = 'lock_not_available';
END
$$;
SET LOCAL lock_timeout = DEFAULT;
CREATE OR REPLACE TRIGGER events_append_only BEFORE DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only;
CREATE TRIGGER events_only_erased BEFORE UPDATE ON events
  FOR EACH ROW EXECUTE FUNCTION only_erase();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_only_erased;
CREATE TRIGGER events_empty_change AFTER UPDATE ON events
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION refuse_empty_change();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_empty_change;

-- Records an erasure and rewrites the lines, in one transaction, or does nothing.
--
--   erasure        what was proposed
--   approver       who approves it: not who proposed it
--   streams        the proposals of the lines, once each, and for each the event `erased` as append_events takes it
--   erased_line    the new lines, by position
--
-- Outcome:
--   erased             now
--   repeated           an earlier call has done it: an answer got lost
--   version-conflict   somebody else has recorded on one of the proposals meanwhile: read them again
--   unknown, expired, same-caller   refused
CREATE FUNCTION erase_events(
  erasure uuid, approver text, streams text[], event_version integer[], event_id uuid[], event_follows uuid[], event_rests text,
  erased_position bigint[], erased_line text[]
) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  asked   erasures;
  none    integer[] := '{}';
  changed bigint;
BEGIN
  SELECT * INTO asked FROM erasures e WHERE e.erasure_id = erasure FOR UPDATE;
  IF asked.erasure_id IS NULL OR asked.log_id <> (SELECT i.log_id FROM log_identity i ORDER BY i.generation DESC LIMIT 1) THEN
    RETURN 'unknown';
  ELSIF asked.approved_at IS NOT NULL THEN
    RETURN 'repeated';
  ELSIF asked.expires_at <= clock_timestamp() THEN
    RETURN 'expired';
  ELSIF asked.proposed_by = approver THEN
    RETURN 'same-caller';
  END IF;
  IF (SELECT array_agg(p ORDER BY p) FROM unnest(erased_position) AS p) IS DISTINCT FROM (SELECT array_agg(p ORDER BY p) FROM unnest(asked.positions) AS p) THEN
    RAISE 'the lines are not those of the positions that were proposed' USING ERRCODE = 'data_exception';
  END IF;
  IF EXISTS (SELECT FROM append_events(streams, (SELECT array_agg(n ORDER BY n)::integer[] FROM generate_subscripts(streams, 1) AS n), event_version, event_id,
                                       array_fill(NULL::bytea, ARRAY[cardinality(streams)]), event_rests, none, none, none, true, event_follows, NULL)
              WHERE outcome <> 'appended') THEN
    RETURN 'version-conflict';
  END IF;
  UPDATE events e SET line = t.line FROM unnest(erased_position, erased_line) AS t(position, line) WHERE e.position = t.position;
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed <> cardinality(asked.positions) THEN
    RAISE 'not all of the lines are there' USING ERRCODE = 'data_exception';
  END IF;
  UPDATE erasures e SET approved_by = approver, approved_at = clock_timestamp() WHERE e.erasure_id = erasure;
  RETURN 'erased';
END
$$;
REVOKE ALL ON FUNCTION erase_events FROM PUBLIC;
