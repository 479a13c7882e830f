-- Each repeated event has its own time.
--
-- A batch whose answer was lost is sent again, and what it has recorded is answered as repeated. Where an event before that one had been refused,
-- the times were one place off: assigning to the third place of an empty array makes an array that begins at 3, and unnest begins with what is
-- there. The event was answered with the time of the next one, or with none, and so with a line that is not the one in the log.
CREATE OR REPLACE FUNCTION append_events(
  streams text[], event_stream integer[], event_version integer[], event_id uuid[], event_key bytea[], event_rests text,
  rests_event integer[], rests_stream integer[], rests_version integer[], all_or_none boolean,
  event_follows uuid[], rests_follows uuid[]
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
  last_ids     uuid[];
  lost         boolean[] := array_fill(false, ARRAY[cardinality(streams)]);
  rest_lines   text[]    := string_to_array(event_rests, E'\n');
  key_position bigint[];
  outcomes     text[]    := '{}';
  positions    bigint[]  := '{}';
  versions     integer[] := '{}';
  times        text[]    := array_fill(NULL::text, ARRAY[cardinality(event_stream)]);
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
  wrong        bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE 'append_events needs READ COMMITTED: in a stricter level it would read a snapshot older than its lock';
  END IF;
  IF cardinality(rest_lines) <> cardinality(event_stream) THEN
    RAISE '% events came with % lines', cardinality(event_stream), cardinality(rest_lines) USING ERRCODE = 'data_exception';
  END IF;
  IF current_setting('synchronous_commit') = 'off' AND current_setting('fsync') = 'on' THEN
    RAISE 'synchronous_commit is off: what is acknowledged could be lost with the server' USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  -- Each line has to be what its columns say. It begins with them, in the order of encodeRest, and names no member twice: neither
  -- position nor time can be given, and every parser reads the same. All of this costs some 10 µs a line, before the lock is taken.
  SELECT t.n INTO wrong
    FROM unnest(event_stream, event_version, event_id, rest_lines) WITH ORDINALITY AS t(stream, version, id, rest, n)
   WHERE (('{"position":0,"recordedAt":"",' || rest) IS JSON OBJECT WITH UNIQUE KEYS
          AND rest LIKE '"eventId":"' || id || '","nonce":"______________________","proposalId":"' || streams[stream]
                        || '","version":' || version || ',"type":"_%') IS NOT TRUE
   LIMIT 1;
  IF wrong IS NOT NULL THEN
    RAISE 'the line of event % of % is no event, or another one than its columns say', wrong, cardinality(event_stream)
      USING ERRCODE = 'data_exception';
  END IF;
  -- All others make a line that is not JSON.
  IF strpos(event_rests, E'\r') > 0 OR strpos(event_rests, E'\t') > 0 THEN
    RAISE 'a line holds a raw control character' USING ERRCODE = 'data_exception';
  END IF;
  IF EXISTS (SELECT FROM unnest(streams) AS s WHERE 
    (s ~ '^[a-z0-9-]+$' AND octet_length(s) <= 80 AND s NOT LIKE '-%' AND s NOT LIKE '%-') IS NOT TRUE) THEN
    RAISE 'a proposalId is not a slug' USING ERRCODE = 'data_exception';
  END IF;
  -- A statement of its own, so that every statement below reads what the holder before us has committed. Held until commit: that is
  -- what gives positions without gaps, in the order of commits.
  LOCK TABLE log_lock IN EXCLUSIVE MODE;

  SELECT e.position, e.recorded_at INTO head, head_time FROM events e ORDER BY e.position DESC LIMIT 1;
  SELECT array_agg(coalesce(l.version, 0) ORDER BY t.n), array_agg(l.event_id ORDER BY t.n)
    INTO stands, last_ids FROM unnest(streams) WITH ORDINALITY AS t(id, n)
    LEFT JOIN LATERAL (SELECT e.version, e.event_id FROM events e WHERE e.proposal_id = t.id ORDER BY e.version DESC LIMIT 1) l ON true;
  SELECT array_agg((SELECT e.position FROM events e WHERE e.key_digest = t.digest) ORDER BY t.n)
    INTO key_position FROM unnest(event_key) WITH ORDINALITY AS t(digest, n);
  next := coalesce(head, 0);

  FOR i IN 1 .. cardinality(event_stream) LOOP
    s := event_stream[i];
    fits := stands[s] = event_version[i] - 1 AND NOT lost[s] AND (event_follows[i] IS NULL OR last_ids[s] = event_follows[i]);
    WHILE rests_event[rests] = i LOOP
      fits := fits AND stands[rests_stream[rests]] = rests_version[rests] AND NOT lost[rests_stream[rests]]
              AND (rests_follows[rests] IS NULL OR last_ids[rests_stream[rests]] = rests_follows[rests]);
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
      last_ids[s] := event_id[i];
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
