-- After a failover or a restore that lost events, nothing goes on under the old identity.
--
-- A service that records hands over what it knows of the log: the newest event that it was told of, and the server with its timeline on which
-- it looked last. Where that event is not, events were lost that somebody was told are recorded (LH002). On another server or timeline, the
-- service has to look first (LH003): whether the signer has already shown there that the log continues what was signed (`log_tree.timeline`).

-- The server and its timeline, which changes with each promotion and each recovery to a point in time; null where it is not told.
CREATE FUNCTION log_timeline() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF pg_is_in_recovery() THEN
    RETURN NULL;
  END IF;
  RETURN (SELECT system_identifier FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_function THEN
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION log_timeline FROM PUBLIC;

-- Where the signer has last shown that the log continues what was signed; null: nowhere yet.
ALTER TABLE log_tree ADD COLUMN timeline text;

CREATE FUNCTION append_events(
  streams text[], event_stream integer[], event_version integer[], event_id uuid[], event_key bytea[], event_rests text,
  rests_event integer[], rests_stream integer[], rests_version integer[], all_or_none boolean,
  event_follows uuid[], rests_follows uuid[], known_position bigint, known_event uuid, known_timeline text
) RETURNS TABLE (outcome text, at_position bigint, at_version integer, at_time text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
  found_event uuid;
  head        bigint;
BEGIN
  -- A session stays with its server, where events are never removed: what is there now is there when the lock is taken.
  IF known_position IS NOT NULL THEN
    SELECT e.event_id INTO found_event FROM events e WHERE e.position = known_position;
    IF found_event IS DISTINCT FROM known_event THEN
      SELECT coalesce(max(e.position), 0) INTO head FROM events e;
      RAISE EXCEPTION 'The event at position % that was acknowledged is no longer in the log, which ends at position %.', known_position, head
        USING ERRCODE = 'LH002';
    END IF;
  END IF;
  IF known_timeline IS NOT NULL AND log_timeline() IS DISTINCT FROM known_timeline THEN
    RAISE EXCEPTION 'another server, or another timeline of it' USING ERRCODE = 'LH003';
  END IF;
  RETURN QUERY SELECT * FROM append_events(streams, event_stream, event_version, event_id, event_key, event_rests, rests_event,
                                           rests_stream, rests_version, all_or_none, event_follows, rests_follows);
END
$$;
REVOKE ALL ON FUNCTION append_events(text[], integer[], integer[], uuid[], bytea[], text, integer[], integer[], integer[], boolean, uuid[], uuid[], bigint, uuid, text) FROM PUBLIC;
