-- The transparency log: the Merkle tree over the events (leaf n is the line of position n + 1), and what was signed of it.
--
-- The tree is a projection like the others: it can be made again from the log at any time. What was signed cannot be taken back, so the row
-- of log_tree also says who may sign: whoever raised `epoch` last. docs/decisions/0011-one-signer.md says why it is laid out so.
CREATE TABLE log_tree (
  only_row  boolean NOT NULL DEFAULT true CONSTRAINT log_tree_pkey PRIMARY KEY CONSTRAINT log_tree_one_row CHECK (only_row),
  -- Of which log: after an accepted restore the tree is made anew, since nothing derived from the old database is trusted.
  log_id    uuid    NOT NULL,
  -- Of the instance that keeps the tree. One that was overtaken bears a smaller number: it writes nothing and publishes nothing.
  epoch     bigint  NOT NULL DEFAULT 0,
  -- Leaves. Tiles, size, root and frontier are moved in one transaction, from exactly the size that they were read at.
  size      bigint  NOT NULL DEFAULT 0,
  root      bytea   NOT NULL CONSTRAINT log_tree_root CHECK (octet_length(root) = 32),
  -- Roots of the perfect subtrees that the leaves make, largest first: all that is needed to go on.
  frontier  bytea   NOT NULL DEFAULT '',
  -- Compared with the event at position `size` each time more is read: a log that was cut or changed there is noticed.
  last_leaf bytea   CONSTRAINT log_tree_last_leaf CHECK (octet_length(last_leaf) = 32)
) WITH (fillfactor = 10);
INSERT INTO log_tree (log_id, root) SELECT log_id, sha256('') FROM log_identity ORDER BY generation DESC LIMIT 1;

-- C2SP tlog-tiles: up to 256 hashes of 32 bytes. The last tile of each level grows at its end; nothing else of a tile ever changes.
CREATE TABLE log_tiles (
  level  smallint NOT NULL CONSTRAINT log_tiles_level CHECK (level BETWEEN 0 AND 63),
  index  bigint   NOT NULL CONSTRAINT log_tiles_index CHECK (index >= 0),
  hashes bytea    NOT NULL CONSTRAINT log_tiles_hashes CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
  CONSTRAINT log_tiles_pkey PRIMARY KEY (level, index)
);
-- Hashes do not compress, and a part of a tile can then be read without the rest.
ALTER TABLE log_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- What was signed last under each identity: the newest row of one, and an earlier one for as long as the newest is not published.
CREATE TABLE log_checkpoints (
  log_id       uuid        NOT NULL,
  size         bigint      NOT NULL,
  root         bytea       NOT NULL CONSTRAINT log_checkpoints_root CHECK (octet_length(root) = 32),
  -- The signed note, as it is served; cosignatures are put behind it.
  note         text        NOT NULL COLLATE "C",
  -- The verifier keys of those who signed it for the log, a line each; more than one while a key is being replaced.
  vkeys        text        NOT NULL COLLATE "C",
  epoch        bigint      NOT NULL,
  signed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Null while witnesses are asked for their cosignatures, which is a moment.
  published_at timestamptz,
  CONSTRAINT log_checkpoints_pkey PRIMARY KEY (log_id, size)
);

CREATE TABLE log_cosignatures (
  log_id  uuid   NOT NULL,
  size    bigint NOT NULL,
  -- Name and key ID of the witness's key.
  witness text   NOT NULL COLLATE "C",
  -- The signature line of the note, with its LF.
  line    text   NOT NULL COLLATE "C",
  CONSTRAINT log_cosignatures_pkey PRIMARY KEY (log_id, size, witness),
  CONSTRAINT log_cosignatures_checkpoint FOREIGN KEY (log_id, size) REFERENCES log_checkpoints ON DELETE CASCADE
);

-- Where a log ended and another took its place: an accepted restore. What the old one had signed is kept for auditors, for good: once as
-- the restored database knew it, and once more as the file beside the key knew it, where that knew more.
CREATE TABLE log_forks (
  fork        bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT log_forks_pkey PRIMARY KEY,
  old_log_id  uuid        NOT NULL,
  new_log_id  uuid        NOT NULL,
  -- The last signed checkpoint of the old log; null where none is known.
  note        text        COLLATE "C",
  source      text        NOT NULL CONSTRAINT log_forks_source CHECK (source IN ('database', 'file')),
  reason      text        NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT log_forks_once UNIQUE (new_log_id, source)
);
CREATE TRIGGER log_forks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_forks
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE log_forks ENABLE ALWAYS TRIGGER log_forks_append_only;

DO $$
DECLARE
  role_name text := current_schema() || '_projection';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('GRANT SELECT, UPDATE ON log_tree TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON log_tiles, log_checkpoints, log_cosignatures TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT ON log_forks TO %I', role_name);
  END IF;
END
$$;
