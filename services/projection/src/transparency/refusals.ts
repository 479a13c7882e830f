/** Why nothing is signed, in words for the operator. */

/** What stands in the way of signing. */
export type RefusalCode =
  | 'log-cut'
  | 'log-changed'
  | 'log-irregular'
  | 'tree-damaged'
  | 'checkpoint-differs'
  | 'deployment-differs'
  | 'file-ahead'
  | 'file-behind'
  | 'file-differs'
  | 'file-missing'
  | 'file-unreadable'
  | 'home-away'
  | 'witness-ahead'
  | 'witness-differs'

export interface Refusal {
  readonly code: RefusalCode
  /** Whole sentences: what is wrong, and how to continue. */
  readonly detail: string
}

/** Values that the sentences mention. */
interface Circumstances {
  /** Size of the tree, or of the checkpoint that is said to be behind. */
  readonly size?: number
  /** Last position of the log. */
  readonly head?: number
  /** Size of what was signed before. */
  readonly signed?: number
  /** Name of what keeps the last signed checkpoint, without its place: the sentence is shown to everybody who can ask for readiness. */
  readonly file?: string
  readonly witness?: string
  /** In what this place differs from the one where the log was signed. */
  readonly difference?: string
  readonly origin?: string
}

const restored =
  'If the database was restored from a backup: stop the services, run `npm run accept-restore -- --reason "…"` (a new Log-Id; the fork ' +
  'goes on record), and start them again. If not, find out who changed it.'
const vouch =
  'Only if you are certain that the database was not restored to an earlier state, write the answer of `/log/checkpoint` there: that vouches for it.'
const damaged =
  'If only the tree is damaged, `npm run rebuild -- --tree` rebuilds it from the log and compares it with the signed checkpoints.'

const sentences: Record<RefusalCode, (it: Circumstances) => string> = {
  'log-cut': ({ size, head }) =>
    `The log ends at position ${head ?? 'an earlier one'}, but the tree has ${size} leaves of it. ${restored}`,
  'log-changed': ({ size }) =>
    `The event at position ${size} is not the event from which the tree was built. ${restored}`,
  'log-irregular': ({ size = 0 }) =>
    `The event after position ${size} is not at ${size + 1}, or its line gives another position. Only a write that bypassed ` +
    '`append_events` can have put it there. Find out who made it, and what the log was before; `npm run replay-check` names the faults.',
  'tree-damaged': ({ size }) => `The stored tree of ${size} leaves does not match its own root. ${damaged}`,
  'checkpoint-differs': ({ signed, size }) =>
    `The tree of ${size} leaves does not begin with the tree of ${signed} leaves that was signed last (log_checkpoints). ${damaged} ${restored}`,
  'deployment-differs': ({ difference, origin }) =>
    `The log ${origin} was signed elsewhere so far: ${difference}. If this is a copy, for trying or staging: set LOG_SIGNER=no, or give it LOG_KEY_FILE ` +
    'and LOG_ORIGIN of its own and a log of its own (`accept-restore`). If the ledger moved here as a whole, or has another address now, and is ' +
    'recorded and signed nowhere else: `npm run accept-move -- --reason "…"`. If it was restored from a backup: ' +
    '`npm run accept-restore -- --reason "…"`.',
  'file-ahead': ({ signed, head, file }) =>
    `A checkpoint of ${signed} events was signed (${file}), but the log ends at position ${head}. ${restored}`,
  'file-differs': ({ signed, file }) =>
    `Up to position ${signed}, the log differs from its signed state (${file}). ${restored}`,
  'file-behind': ({ signed, size, file }) =>
    `The kept checkpoint has ${size} events (${file}), but the database says that ${signed} were signed, and what is kept is written first. ` +
    `Another instance keeps its own, or this one was restored. Give all instances that sign one home (LOG_STATE_DIR on a shared volume, or LOG_STATE_ETCD), with the newest checkpoint in it. ${vouch}`,
  'file-missing': ({ signed, file }) =>
    `The database says that a checkpoint of ${signed} events was signed, but the kept one that would confirm it is missing (${file}). Put it ` +
    `back. ${vouch}`,
  'file-unreadable': ({ file }) =>
    `The kept checkpoint cannot be read as a checkpoint (${file}). Put the right one back. ${vouch}`,
  'home-away': ({ file }) =>
    `The place that keeps the last signed checkpoint gives no answer (${file}); the log of this service says why. Recording and reading go on, ` +
    'and signing does as soon as there is an answer.',
  'witness-ahead': ({ witness, signed, size }) =>
    `The witness ${witness} has cosigned a checkpoint of ${signed} events that a key of this log has signed, and the log has ${size}. ${restored}`,
  'witness-differs': ({ witness, signed, size }) =>
    `The witness ${witness} has cosigned a checkpoint of ${signed} events that the log of ${size} events does not continue: a fork. A key of this log has signed it. ${restored}`,
}

const nothingSigned = 'Nothing is signed: '

/** Nothing is signed; `code` and sentence are for health, metric and log. */
export function refusal(code: RefusalCode, circumstances: Circumstances): Refusal {
  return { code, detail: nothingSigned + sentences[code](circumstances) }
}

/** The same reason, for an instance that stands by while another one signs. */
export function takeOverRefused({ code, detail }: Refusal): Refusal {
  return { code, detail: detail.replace(nothingSigned, 'Another instance signs, and this one could not take over: ') }
}

/** Refusals that say that the log is cut, changed, or behind what others have of it. With the others, only the tree or what is kept is at fault. */
const againstTheLog: ReadonlySet<RefusalCode> = new Set([
  'log-cut',
  'log-changed',
  'log-irregular',
  'checkpoint-differs',
  'file-ahead',
  'file-differs',
  'witness-ahead',
  'witness-differs',
])

/** Whether nothing more may be recorded before an operator has decided. */
export function haltsWrites({ code }: Refusal): boolean {
  return againstTheLog.has(code)
}
