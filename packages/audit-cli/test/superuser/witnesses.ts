/** Everybody who can notice a fault, asked one after the other. */
import { readHalt } from '@commitments/event-store'
import { checkReplay } from '@commitments/projection'
import { eventually } from '@commitments/test-kit'
import { verify } from '../../src/index.ts'
import { admin, type Copy, recording } from './ledger.ts'

/** What was said, by the name of the check that said it. */
export type Said = ReadonlyMap<string, string>

export interface Seen {
  readonly verify: Said
  readonly remembered: Said
  readonly readiness: Said
  readonly drift: Said
  readonly replay: string
  /** By the name of the check: the number of the look at `/health/ready` that saw it. */
  readonly looks: ReadonlyMap<string, number>
  readonly recording: 'goes on' | 'stops'
}

export type Watcher = 'verify' | 'remembered' | 'readiness' | 'drift' | 'replay'

/** The most looks at `/health/ready` after which each check has seen what it can see: of the tiles one is looked at each time. */
export const looksUntil: Readonly<Record<string, number>> = {
  'log-guard': 1,
  drift: 1,
  'transparency-log': 2,
  'log-tiles': 3,
}

/** Asks everybody. Readiness comes first, before a round of the drift check tells it what was found. */
export async function askAll(copy: Copy): Promise<{ seen: Seen; seconds: Record<Watcher, number> }> {
  const seconds: Partial<Record<Watcher, number>> = {}
  const timed = async <Answer>(who: Watcher, ask: () => Promise<Answer>) => {
    const began = performance.now()
    const answer = await ask()
    seconds[who] = (performance.now() - began) / 1_000
    return answer
  }
  const ready = await timed('readiness', () => lookOften(copy))
  const replay = await timed('replay', () => replayed(copy))
  const first = await timed('verify', () => verified(copy.url, 3))
  const remembered = await timed('remembered', () => verified(copy.url, 1, copy.memory))
  const drift = await timed('drift', () => drifted(copy))
  const seen = { verify: first, remembered, drift, replay, ...ready, recording: await recording(copy.pool) }
  return { seen, seconds: seconds as Record<Watcher, number> }
}

interface ReadyCheck {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** Before the second look, the signer has had a turn. What the drift check knows is not counted here: it has its own column. */
async function lookOften({ service, turned }: Copy): Promise<Pick<Seen, 'readiness' | 'looks'>> {
  const readiness = new Map<string, string>()
  const looks = new Map<string, number>()
  for (let look = 1; look <= Math.max(...Object.values(looksUntil)); look += 1) {
    if (look === 2) await turned()
    const checks = await lookOnce(service)
    for (const { name, ok, detail } of checks) {
      if (ok || readiness.has(name) || !(name in looksUntil) || isOfRound(name, detail)) continue
      readiness.set(name, detail)
      looks.set(name, look)
    }
  }
  return { readiness, looks }
}

/** A check that a busy machine did not let answer in time is asked again: it has seen nothing yet. */
async function lookOnce(service: Copy['service']): Promise<readonly ReadyCheck[]> {
  for (;;) {
    const { checks } = (await service.get('/health/ready')).json<{ checks: ReadyCheck[] }>()
    if (checks.every(({ detail }) => !detail.startsWith('no answer within'))) return checks
  }
}

/** What a round has found has its own column. The signer signs nothing either if the drift check has found a changed log. */
function isOfRound(name: string, detail: string): boolean {
  if (name === 'drift') return !detail.startsWith('not compared')
  return detail.startsWith('Nothing is signed: the log itself was changed')
}

async function replayed({ pool }: Copy): Promise<string> {
  const { findings } = await checkReplay(pool, 'Asia/Ho_Chi_Minh')
  return findings.map(({ what, proposalId = '', position = '' }) => `${proposalId} ${position}: ${what}`).join('\n')
}

/** The checks that are broken. Without any, what could not be checked is no proof of a fault. */
async function verified(source: string, moments: number, memory?: string): Promise<Said> {
  const { outcome, sentence, checks } = await verify({ source, memory, moments, patience: 1_000, pauses: [] })
  if (outcome === 'valid') return new Map()
  const broken = checks.flatMap(({ name, finding }) =>
    finding.outcome === 'broken' ? [[name, finding.because] as const] : [],
  )
  return broken.length > 0 ? new Map(broken) : new Map([['could-not-be-checked', sentence]])
}

const projections = ['proposal-status', 'proposal-moments'] as const

/** One round of each projection; `log`: what it says against the log alone. */
async function drifted({ service, pool }: Copy): Promise<Said> {
  const found = new Map<string, string>()
  for (const [index, name] of projections.entries()) {
    await service.app.inject({ method: 'POST', url: `/v1/projections/${name}/drift-check`, headers: admin })
    const drift = await eventually(
      async () => {
        const { projections } = (await service.get('/v1/projections', admin)).json()
        return projections[index].drift.asked ? null : projections[index].drift
      },
      { within: 30_000 },
    )
    const said = drift.differences.map(({ proposalId, what }: Record<string, string>) => `${proposalId}: ${what}`)
    if (said.length > 0) found.set(name, said.join('\n'))
  }
  const halt = await readHalt(pool, 'lines')
  return found.size > 0 || halt === null ? found : new Map([['log', halt]])
}
