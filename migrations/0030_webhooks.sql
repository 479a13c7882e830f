-- Webhooks: addresses of others to which the events of the log are sent. An endpoint is one checkpoint on the log, and no queue.

CREATE TABLE webhooks (
  name            text        NOT NULL COLLATE "C" CONSTRAINT webhooks_pkey PRIMARY KEY,
  -- The caller to whom it belongs, as in `recordedBy`.
  owner           text        NOT NULL COLLATE "C",
  url             text        NOT NULL CONSTRAINT webhooks_url CHECK (octet_length(url) <= 2000),
  content         text        NOT NULL CONSTRAINT webhooks_content CHECK (content IN ('event', 'notice')),
  -- What is sent; empty: whatever it is.
  types           text[]      NOT NULL COLLATE "C",
  proposals       text[]      NOT NULL COLLATE "C",
  parties         text[]      NOT NULL COLLATE "C",
  parents         text[]      NOT NULL COLLATE "C",

  -- Its secrets are computed from these and a key that is not in the database (`key_id` tells which). The former one signs until `former_until`.
  key_id          text        NOT NULL COLLATE "C",
  seed            uuid        NOT NULL DEFAULT gen_random_uuid(),
  former_seed     uuid,
  former_until    timestamptz,

  -- Everything up to `position` of the log `log_id` was sent, or is not for it. `event_id`: the event there, by which another past is noticed.
  log_id          uuid        NOT NULL,
  position        bigint      NOT NULL CONSTRAINT webhooks_position CHECK (position >= 0),
  event_id        uuid,

  -- Why nothing is sent until somebody decides; null: it is sent.
  paused          text        CONSTRAINT webhooks_paused CHECK (paused IN ('by-hand', 'gone', 'gave-up', 'log-changed', 'log-went-back')),
  failures        integer     NOT NULL DEFAULT 0 CONSTRAINT webhooks_failures CHECK (failures >= 0),
  failing_since   timestamptz,
  next_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_error      text        COLLATE "C",
  delivered_at    timestamptz,
  attempts        bigint      NOT NULL DEFAULT 0,

  -- The instance that sends for it, and until when no other may.
  holder          uuid,
  held_until      timestamptz,
  -- Raised by whatever changes the endpoint but the sender: what the sender writes names it, and has no effect on a later one.
  revision        integer     NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX webhooks_of_owner ON webhooks (owner);

-- The last attempts of each endpoint, one row for each slot, which is used again.
CREATE TABLE webhook_attempts (
  webhook         text        NOT NULL COLLATE "C" CONSTRAINT webhook_attempts_webhook REFERENCES webhooks ON DELETE CASCADE,
  slot            smallint    NOT NULL CONSTRAINT webhook_attempts_slot CHECK (slot BETWEEN 0 AND 49),
  number          bigint      NOT NULL,
  at              timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Of the event; null: the message was no event.
  position        bigint,
  message_id      text        NOT NULL COLLATE "C",
  outcome         text        NOT NULL COLLATE "C",
  status          smallint,
  milliseconds    integer     NOT NULL,
  CONSTRAINT webhook_attempts_pkey PRIMARY KEY (webhook, slot)
);
