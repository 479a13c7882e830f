/** Why nothing is signed, in words for the operator. */

/** What stands in the way of signing. */
export type RefusalCode =
  | 'log-cut'
  | 'log-changed'
  | 'log-irregular'
  | 'tree-damaged'
  | 'checkpoint-differs'
  | 'file-ahead'
  | 'file-differs'
  | 'file-missing'
  | 'file-unreadable'
  | 'witness-ahead'
  | 'witness-differs'

export interface Refusal {
  readonly code: RefusalCode
  /** Whole sentences: what is wrong, and how to go on. */
  readonly detail: string
}

/** What the sentences mention. */
interface Circumstances {
  /** Size of the tree. */
  readonly size?: number
  /** Last position of the log. */
  readonly head?: number
  /** Size of what was signed before. */
  readonly signed?: number
  /** Name of the file, without its folder: the sentence is shown to whoever may ask for readiness. */
  readonly file?: string
  readonly witness?: string
}

const restored =
  'If the database was restored from a back-up: stop the services, run `npm run accept-restore -- --reason "…"` (a new Log-Id; the fork ' +
  'goes on record), and start them again. If not, find out who changed it.'
const damaged =
  'If only the tree is damaged, `npm run rebuild -- --tree` makes it anew from the log; what was signed before is compared with it.'

const sentences: Record<RefusalCode, (it: Circumstances) => string> = {
  'log-cut': ({ size, head }) =>
    `The log ends at position ${head ?? 'an earlier one'}, but the tree has ${size} leaves of it. ${restored}`,
  'log-changed': ({ size }) => `The event at position ${size} is not the one that the tree was built over. ${restored}`,
  'log-irregular': ({ size = 0 }) =>
    `The event after position ${size} does not stand at ${size + 1}, or its line says another position. Only somebody who wrote past ` +
    '`append_events` can have put it there. Find out who it was, and what the log was before; `npm run replay-check` names what is wrong.',
  'tree-damaged': ({ size }) => `The stored tree of ${size} leaves does not come to its own root. ${damaged}`,
  'checkpoint-differs': ({ signed, size }) =>
    `The tree of ${size} leaves does not begin with the one of ${signed} that was signed last (log_checkpoints). ${damaged} ${restored}`,
  'file-ahead': ({ signed, head, file }) =>
    `A checkpoint of ${signed} events was signed (${file}), but the log ends at position ${head}. ${restored}`,
  'file-differs': ({ signed, file }) =>
    `The log says something else up to position ${signed} than what was signed of it (${file}). ${restored}`,
  'file-missing': ({ signed, file }) =>
    `The database says that a checkpoint of ${signed} events was signed, but the file that would confirm it is not there (${file}). Put it ` +
    'back; or, where you are certain that the database was not restored to an earlier state, write what `/log/checkpoint` answers into it.',
  'file-unreadable': ({ file }) =>
    `The file that holds the last signed checkpoint cannot be read as one (${file}). Put the right one back; or, where you are certain that ` +
    'the database was not restored to an earlier state, write what `/log/checkpoint` answers into it.',
  'witness-ahead': ({ witness, signed, size }) =>
    `The witness ${witness} has cosigned a checkpoint of ${signed} events of this log, which has ${size}. ${restored}`,
  'witness-differs': ({ witness, size }) =>
    `The witness ${witness} says that the checkpoint of ${size} events does not continue what it cosigned before: a fork. ${restored}`,
}

/** Nothing is signed; `code` and sentence for health, metric and log. */
export function refusal(code: RefusalCode, circumstances: Circumstances): Refusal {
  return { code, detail: `Nothing is signed: ${sentences[code](circumstances)}` }
}
