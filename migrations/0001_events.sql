-- The log: one row an event, in the order in which the events were committed.
--
-- `line` is the event. It is made once, by append_events, and every reader gets exactly these bytes; the other columns only repeat
-- what the line says, so that a row can be found. Positions begin at 1 and have no gaps.
CREATE TABLE events (
  position    bigint      NOT NULL CONSTRAINT events_position_from_one CHECK (position >= 1),
  proposal_id text        NOT NULL COLLATE "C",
  version     integer     NOT NULL CONSTRAINT events_version_from_one CHECK (version >= 1),
  event_id    uuid        NOT NULL,
  recorded_at timestamptz NOT NULL,
  -- First 16 bytes of SHA-256 over the caller and its Idempotency-Key; null where no key was given.
  key_digest  bytea       CONSTRAINT events_key_digest_length CHECK (octet_length(key_digest) = 16),
  -- 65,535 bytes is what an entry of the transparency log's tiles can hold (C2SP tlog-tiles, "Log entries").
  line        text        NOT NULL COLLATE "C" CONSTRAINT events_line_length CHECK (octet_length(line) <= 65535),
  CONSTRAINT events_pkey PRIMARY KEY (position),
  CONSTRAINT events_stream_version UNIQUE (proposal_id, version)
);

-- Settles a race between two requests with one key. Partial, so that events without a key cost nothing here.
CREATE UNIQUE INDEX events_key_digest ON events (key_digest) WHERE key_digest IS NOT NULL;

-- Who this log is. The newest row holds; an accepted restore adds one, so that no follower takes what the restored log says anew
-- for what it has already seen.
CREATE TABLE log_identity (
  log_id         uuid        NOT NULL DEFAULT gen_random_uuid() CONSTRAINT log_identity_pkey PRIMARY KEY,
  generation     integer     NOT NULL CONSTRAINT log_identity_generation UNIQUE,
  first_position bigint      NOT NULL,
  began_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  reason         text        NOT NULL
);
INSERT INTO log_identity (generation, first_position, reason) VALUES (1, 1, 'the ledger was created');
