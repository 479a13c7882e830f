import { hash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { today } from '@commitments/domain'
import { formatOfflineProof, inclusionProof } from '@commitments/transparency'
import { type Leaves, leafReader } from '../log/leaves.ts'
import { eventsOf } from '../status/fold.ts'
import { assertProposalId, unknownProposal } from '../status/misspelt.ts'
import { findingText } from '../terminal/print.ts'
import { CannotCheck, type Verdict } from '../verdict.ts'
import type { Anchor } from '../verify/anchors.ts'
import { usualTimeZone, type VerifyOptions } from '../verify/options.ts'
import { verifyAndKeep } from '../verify/verify.ts'
import type { About } from './content.ts'
import { derivedFiles } from './derived-files.ts'

/** The result: the verdict, and the keys with which the pack can be checked. */
interface MadePack {
  readonly verdict: Verdict
  readonly vkeys: readonly string[]
}

interface PackOptions extends VerifyOptions {
  readonly proposalId: string
  /** The folder to create. */
  readonly folder: string
}

interface PackedLine {
  readonly position: number
  readonly line: Buffer
}

/**
 * Checks the whole log, and writes everything that it holds about one proposal into a folder that can be checked without the log. If the
 * log is not valid, no pack is made. @throws CannotCheck if there is no such proposal, or the folder exists
 */
export async function makePack({ proposalId, folder, ...options }: PackOptions): Promise<MadePack> {
  assertProposalId(proposalId)
  const found: PackedLine[] = []
  const onLine: VerifyOptions['onLine'] = (envelope, line) => {
    if (envelope.proposalId === proposalId) found.push({ position: envelope.position, line: Buffer.from(line) })
  }
  const { verdict, served, keys, scan, dispose } = await verifyAndKeep({ ...options, status: false, onLine })
  try {
    if (verdict.outcome !== 'valid' || !served || !keys) return { verdict, vkeys: [] }
    const lines = found.filter(({ position }) => position <= served.size)
    if (lines.length === 0) throw new CannotCheck(unknownProposal(proposalId, scan.check.versions.keys()))
    const about = aboutOf(proposalId, verdict, options)
    await writePack(folder, packFiles(lines, about, { served, vkeys: keys.vkeys, leaves: scan.leaves }))
    return { verdict, vkeys: keys.vkeys }
  } finally {
    dispose()
  }
}

function aboutOf(proposalId: string, { sentence, checks }: Verdict, options: VerifyOptions): About {
  const { timeZone = usualTimeZone, now = () => new Date() } = options
  const made = now()
  const checked = [sentence, ...checks.map(({ finding }) => findingText(finding))]
  return { form: 2, proposalId, madeAt: made.toISOString(), timeZone, day: today(made, timeZone), checked }
}

interface Signed {
  readonly served: Anchor
  readonly vkeys: readonly string[]
  readonly leaves: Leaves
}

function packFiles(lines: readonly PackedLine[], about: About, { served, vkeys, leaves }: Signed): Map<string, Buffer> {
  const read = leafReader(leaves)
  const proofs = lines.map(({ position }): [string, Buffer] => {
    const hashes = inclusionProof(position - 1, served.size, read)
    const text = formatOfflineProof({ index: position - 1, hashes, checkpoint: served.note })
    return [`proofs/${position}.tlog-proof`, Buffer.from(text)]
  })
  const events = eventsOf(lines.map(({ line }) => line))
  const checkpoint = { origin: served.origin, size: served.size, root: served.root.toString('base64') }
  return new Map([
    ['events.ndjson', Buffer.concat(lines.flatMap(({ line }) => [line, Buffer.from('\n')]))],
    ['checkpoint', Buffer.from(served.note)],
    ['vkey', Buffer.from(vkeys.map((vkey) => `${vkey}\n`).join(''))],
    ...proofs,
    ...derivedFiles({ about, events, checkpoint, vkeys }),
  ])
}

/** `SHA256SUMS` comes last, in the form that `sha256sum --check` reads. */
async function writePack(folder: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new CannotCheck(
      error.code === 'EEXIST'
        ? `${folder} is there already; name another folder, or remove it`
        : `${folder} cannot be made (${error.code})`,
    )
  })
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), bytes, { flag: 'wx' })
  }
  const sums = [...files].map(([path, bytes]) => `${hash('sha256', bytes)}  ${path}\n`)
  await writeFile(join(folder, 'SHA256SUMS'), sums.join(''), { flag: 'wx' })
}
