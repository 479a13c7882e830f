-- A time as it stands in a line: UTC, microseconds.
CREATE FUNCTION recorded_at_text(moment timestamptz) RETURNS text LANGUAGE sql STABLE SET search_path FROM CURRENT
RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- append_events is the whole guarantee of the log. One call is one transaction (call it in autocommit, READ COMMITTED).
--
--   streams        every proposal that this batch writes to or rests on, once each
--   event_stream   for each event, in order: the place of its proposal in `streams` (from 1)
--   event_version  the version that it takes; it is appended only where its stream then stands at the version before
--   event_id       its id
--   event_key      digest of its idempotency key, or null
--   event_rests    the lines, each without what is spliced in here (position, time), separated by LF, which JSON never holds raw;
--                  one text, since quoting every line as a member of an array costs more than the insert
--   rests_*        "the decision about event n looked at stream s when that stood at version v"; checked like its own version
--   all_or_none    insert nothing unless every event is appended or was in the log already
--
-- Outcome of each event, in the order given:
--   appended          in the log when this call has committed
--   repeated          this very event (same id, same place) was in the log already: an answer got lost
--   key-exists        its key belongs to a recorded event, at the position returned
--   version-conflict  its stream, or one it rests on, stands elsewhere: decide again. `version` is where its own stream stands
--   not-appended      all_or_none only: nothing wrong with this one, but with another
--
-- The events of one stream in a batch form a run, each decided on what the ones before it would make of the stream. Once one of them is
-- not appended, nothing else in the batch may rest on that stream, even where the version fits: it fits when another writer has put
-- just as many events there, and then the decision rests on a state that never was.
CREATE FUNCTION append_events(
  streams text[], event_stream integer[], event_version integer[], event_id uuid[], event_key bytea[], event_rests text,
  rests_event integer[], rests_stream integer[], rests_version integer[], all_or_none boolean
) RETURNS TABLE (outcome text, at_position bigint, at_version integer, at_time text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path FROM CURRENT
-- The plans are made once a connection, for any size of batch and of table: planning anew costs more than a batch of 64 does. One made
-- while the table was small would scan it, and be kept while it grows; hence no scans.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  stands       integer[];
  lost         boolean[] := array_fill(false, ARRAY[cardinality(streams)]);
  rest_lines   text[]    := string_to_array(event_rests, E'\n');
  key_position bigint[];
  outcomes     text[]    := '{}';
  positions    bigint[]  := '{}';
  versions     integer[] := '{}';
  times        text[]    := '{}';
  rests        integer   := 1;
  fits         boolean;
  all_in       boolean   := true;
  head         bigint;
  next         bigint;
  head_time    timestamptz;
  now_time     timestamptz;
  now_text     text;
  found_id     uuid;
  found_at     bigint;
  found_time   timestamptz;
  s            integer;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE 'append_events needs READ COMMITTED: in a stricter level it would read a snapshot older than its lock';
  END IF;
  IF cardinality(rest_lines) <> cardinality(event_stream) THEN
    RAISE '% events came with % lines', cardinality(event_stream), cardinality(rest_lines) USING ERRCODE = 'data_exception';
  END IF;
  -- A statement of its own, so that every statement below reads what the holder before us has committed. Held until commit: that is
  -- what gives positions without gaps, in the order of commits.
  PERFORM pg_advisory_xact_lock(hashtextextended(current_schema(), 0));

  SELECT e.position, e.recorded_at INTO head, head_time FROM events e ORDER BY e.position DESC LIMIT 1;
  SELECT array_agg((SELECT coalesce(max(e.version), 0) FROM events e WHERE e.proposal_id = t.id) ORDER BY t.n)
    INTO stands FROM unnest(streams) WITH ORDINALITY AS t(id, n);
  SELECT array_agg((SELECT e.position FROM events e WHERE e.key_digest = t.digest) ORDER BY t.n)
    INTO key_position FROM unnest(event_key) WITH ORDINALITY AS t(digest, n);
  next := coalesce(head, 0);

  FOR i IN 1 .. cardinality(event_stream) LOOP
    s := event_stream[i];
    fits := stands[s] = event_version[i] - 1 AND NOT lost[s];
    WHILE rests_event[rests] = i LOOP
      fits := fits AND stands[rests_stream[rests]] = rests_version[rests] AND NOT lost[rests_stream[rests]];
      rests := rests + 1;
    END LOOP;
    found_id := NULL;
    IF stands[s] >= event_version[i] THEN
      SELECT e.event_id, e.position, e.recorded_at INTO found_id, found_at, found_time FROM events e
        WHERE e.proposal_id = streams[s] AND e.version = event_version[i];
    END IF;
    IF found_id = event_id[i] THEN
      outcomes[i] := 'repeated'; positions[i] := found_at; versions[i] := event_version[i];
      times[i] := recorded_at_text(found_time);
    ELSIF key_position[i] IS NOT NULL THEN
      outcomes[i] := 'key-exists'; positions[i] := key_position[i]; versions[i] := stands[s];
      lost[s] := true; all_in := false;
    ELSIF fits IS NOT TRUE THEN
      outcomes[i] := 'version-conflict'; positions[i] := NULL; versions[i] := stands[s];
      lost[s] := true; all_in := false;
    ELSE
      next := next + 1;
      stands[s] := event_version[i];
      outcomes[i] := 'appended'; positions[i] := next; versions[i] := event_version[i];
    END IF;
  END LOOP;

  IF all_or_none AND NOT all_in THEN
    RETURN QUERY SELECT CASE t.outcome WHEN 'appended' THEN 'not-appended' ELSE t.outcome END,
                        CASE t.outcome WHEN 'appended' THEN NULL ELSE t.position END, t.version, t.time
      FROM unnest(outcomes, positions, versions, times) WITH ORDINALITY AS t(outcome, position, version, time, n) ORDER BY t.n;
    RETURN;
  END IF;

  -- recordedAt never falls along positions, also where the clock was set back or another server took over.
  now_time := greatest(clock_timestamp(), head_time);
  now_text := recorded_at_text(now_time);
  INSERT INTO events (position, proposal_id, version, event_id, recorded_at, key_digest, line)
    SELECT t.position, streams[t.stream], t.version, t.id, now_time, t.key,
           '{"position":' || t.position || ',"recordedAt":"' || now_text || '",' || t.rest
      FROM unnest(outcomes, positions, event_stream, event_version, event_id, event_key, rest_lines)
           WITH ORDINALITY AS t(outcome, position, stream, version, id, key, rest, n)
     WHERE t.outcome = 'appended' ORDER BY t.n;

  RETURN QUERY SELECT t.outcome, t.position, t.version, CASE t.outcome WHEN 'appended' THEN now_text ELSE t.time END
    FROM unnest(outcomes, positions, versions, times) WITH ORDINALITY AS t(outcome, position, version, time, n) ORDER BY t.n;
END
$$;
REVOKE ALL ON FUNCTION append_events FROM PUBLIC;
