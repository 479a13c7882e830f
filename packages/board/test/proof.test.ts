import { createPublicKey, type KeyObject } from 'node:crypto'
import { acceptRestore } from '@commitments/event-store'
import { eventually } from '@commitments/test-kit'
import { newKey, signingFor, startProjection } from '@commitments/test-kit/services'
import { verifierKey } from '@commitments/transparency'
import t, { type Test } from 'tap'
import { checkLog, checkProposal } from '../src/proof/check.ts'
import { checkCheckpoint, type VerifiedCheckpoint } from '../src/proof/checkpoint.ts'
import { checkContinuity, type Kept, type LogService } from '../src/proof/continuity.ts'
import { checkEvents, type LineService, type ProvenEvent, type ShownEvent } from '../src/proof/events.ts'
import { leafOf } from '../src/proof/tree.ts'
import { confirm } from './support/live.ts'
import { type Product, startProduct } from './support/product.ts'

/** Changes the body of an answer on its way. */
type Tamper = (path: string, body: string) => string

interface Asking extends LogService, LineService {
  readonly text: (path: string) => Promise<string>
  /** Requests for single lines. */
  readonly lines: number[]
}

/** Asks the real service; everything that it answers may be changed on its way. */
function asking(url: string, tamper: Tamper = (_, body) => body): Asking {
  const text = async (path: string, accept = '*/*') => {
    const response = await fetch(`${url}${path}`, { headers: { accept } })
    return tamper(path, await response.text())
  }
  const json = async <Answer>(path: string) => JSON.parse(await text(path)) as Answer
  const lines: number[] = []
  return {
    text,
    lines,
    consistency: (from, to) => json(`/v1/log/proofs/consistency?from=${from}&to=${to}`),
    forks: async () => (await json<{ forks: Awaited<ReturnType<LogService['forks']>> }>('/v1/log/forks')).forks,
    line: async (position) => {
      lines.push(position)
      const line = await text(`/v1/events?after=${position - 1}&limit=1`, 'application/x-ndjson')
      return new TextEncoder().encode(line.trimEnd())
    },
  }
}

function checkpointOf(service: Asking) {
  return Promise.all([service.text('/log/checkpoint'), service.text('/log/vkey')])
}

async function verified(service: Asking): Promise<VerifiedCheckpoint> {
  const checked = await checkCheckpoint(...(await checkpointOf(service)))
  if (checked.outcome !== 'verified') throw new Error(JSON.stringify(checked))
  return checked
}

async function eventsOf(service: Asking, proposalId: string, query = ''): Promise<ProvenEvent[]> {
  const body = await service.text(`/v1/proposals/${proposalId}/events?limit=1000${query}`)
  return (JSON.parse(body) as { readonly events: ProvenEvent[] }).events
}

/** What the page of a proposal checks. */
async function proofOf(service: Asking, proposalId = 'vkist') {
  const shown = (await eventsOf(service, proposalId)).map(({ event }) => event)
  const proven = await eventsOf(service, proposalId, '&proof=true')
  const { checkpoint } = await verified(service)
  const { version } = JSON.parse(await service.text(`/v1/proposals/${proposalId}`)) as { version: number }
  return { shown, ...(await checkEvents({ proposalId, shown, version, proven, checkpoint }, service)) }
}

/** A browser that keeps, and what it keeps. */
function keeper(kept: Kept | null = null) {
  const keeping = { kept, read: () => keeping.kept, write: (next: Kept) => void (keeping.kept = next) }
  return keeping
}

async function checked(service: Asking, keeping: ReturnType<typeof keeper>) {
  const [note, vkeys] = await checkpointOf(service)
  const log = await checkLog({ note, vkeys }, service, keeping)
  if (log.outcome !== 'verified') throw new Error(JSON.stringify(log))
  return log
}

/** Records an event, and waits until it is signed. */
async function confirmAndSign(product: Product): Promise<void> {
  const position = await confirm(product, 'vkist')
  await eventually(async () => (await verified(asking(product.url))).checkpoint.size >= position)
}

/** The verifier key of another key under the name of the log. */
async function verifierKeyOf(key: KeyObject, vkeys: string): Promise<string> {
  const [name = ''] = vkeys.split('+')
  return `${verifierKey(name, createPublicKey(key))}\n`
}

const oneByte = (text: string, of: string) =>
  text.replace(of, of.slice(0, -1) + String.fromCharCode(of.charCodeAt(of.length - 1) ^ 1))

t.test('proof in the browser', async (t: Test) => {
  const key = newKey()
  const signing = signingFor(t, { keys: [key] })
  const product = await startProduct(t, { projection: { signing } })
  const { url } = product
  const honest = asking(url)
  const { position } = await product.client.portfolio()
  await eventually(async () => (await verified(honest)).checkpoint.size === position)

  await t.test('the signature of the checkpoint and every event of the portfolio are checked', async (t) => {
    const { checkpoint, signers } = await verified(honest)
    t.equal(checkpoint.size, position)
    t.equal(signers.length, 1)
    const { shown, inLog, notYet, differing } = await proofOf(honest)
    t.same(
      inLog,
      shown.map(({ version }) => version),
    )
    t.same([notYet, differing], [[], []])
    t.same(honest.lines, [], 'no line had to be asked for')
  })

  await t.test('one changed byte of an event does not match, and the event is named', async (t) => {
    for (const form of ['', '&proof=true']) {
      const forged = asking(url, (path, body) =>
        path === `/v1/proposals/vkist/events?limit=1000${form}`
          ? oneByte(body, 'The Korean government supported')
          : body,
      )
      const before = await eventsOf(honest, 'vkist', form)
      const after = await eventsOf(forged, 'vkist', form)
      const changed = after.filter(({ event }, at) => JSON.stringify(event) !== JSON.stringify(before[at]?.event))
      t.equal(changed.length, 1)
      t.same(
        (await proofOf(forged)).differing,
        changed.map(({ event }) => event.version),
      )
    }
  })

  await t.test('what was recorded after the page was asked for is not said to be shown', async (t) => {
    const all = await eventsOf(honest, 'vkist', '&proof=true')
    const service = {
      ...honest,
      checkpoint: async () => (await checkpointOf(honest))[0],
      vkeys: async () => (await checkpointOf(honest))[1],
      proven: () => Promise.resolve(all),
    }
    const shown = all.map(({ event }) => event).slice(0, 10)
    const { events } = await checkProposal(service, keeper(), { proposalId: 'vkist', shown, version: 10 })
    t.equal(events?.inLog.length, 10)
    t.same(events?.differing, [])
  })

  await t.test('an event that is left out, or comes from another proposal, does not match', async (t) => {
    const without = asking(url, (path, body) => {
      if (!path.includes('/events?')) return body
      const { events } = JSON.parse(body) as { events: ProvenEvent[] }
      return JSON.stringify({ events: events.filter(({ event }) => event.version !== 3) })
    })
    t.same((await proofOf(without)).differing, [3])
    const cut = asking(url, (path, body) => {
      if (!path.includes('/events?')) return body
      const { events } = JSON.parse(body) as { events: ProvenEvent[] }
      return JSON.stringify({ events: events.slice(0, -2) })
    })
    const { shown: rest, differing: gone } = await proofOf(cut)
    t.same(gone, [rest.length + 1, rest.length + 2], 'also at the end')
    const other = asking(url, (path, body) => (path.includes('/vkist/') ? body.replaceAll('"vkist"', '"kadif"') : body))
    const { shown, differing } = await proofOf(other)
    t.equal(differing.length, shown.length)
  })

  await t.test('a wrong hash of a proof does not match', async (t) => {
    const [first] = await eventsOf(honest, 'vkist', '&proof=true')
    const hash = first?.proof?.hashes[0] ?? ''
    const forged = asking(url, (path, body) =>
      path.includes('proof=true') ? body.replace(hash, `${hash.startsWith('A') ? 'B' : 'A'}${hash.slice(1)}`) : body,
    )
    t.same((await proofOf(forged)).differing, [1])
  })

  await t.test(
    'a line in another form of JSON than ours is asked for before an event is said not to match',
    async (t) => {
      const line = '{"position":1,"version":1,"proposalId":"vkist","data":{"share":1.0,"title":"Vi\\u1ec7n"}}'
      const bytes = new TextEncoder().encode(line)
      const checkpoint = { origin: 'a', logId: 'a', size: 1, root: await leafOf(bytes) }
      const event = JSON.parse(line) as ShownEvent
      const proven = [{ event, proof: { index: 0, size: 1, hashes: [] } }]
      const asked: number[] = []
      const service = { ...honest, line: async (position: number) => (asked.push(position), bytes) }
      const question = { proposalId: 'vkist', shown: [event], version: 1, proven, checkpoint }
      t.same((await checkEvents(question, service)).inLog, [1])
      t.same(asked, [1])
      const changed = { ...event, data: { share: 2, title: 'Viện' } }
      const forged = { ...question, shown: [changed], proven: [{ ...proven[0], event: changed }] as ProvenEvent[] }
      t.same((await checkEvents(forged, service)).differing, [1], 'the line is there, but it says something else')
    },
  )

  await t.test('a checkpoint that is changed, or signed by another key, is refuted', async (t) => {
    const [note, vkeys] = await checkpointOf(honest)
    t.match(
      await checkCheckpoint(
        note.replace(/^\d+$/m, (size) => String(Number(size) - 1)),
        vkeys,
      ),
      { why: 'bad-signature' },
    )
    t.match(await checkCheckpoint(note.replace(/\n\n[^]*$/, '\n\n'), vkeys), { outcome: 'mismatch' })
    t.match(await checkCheckpoint('no note', vkeys), { why: 'not-a-checkpoint' })
    t.match(await checkCheckpoint(note, 'log.example+00000000+AAAA'), { why: 'not-a-key' })
    const other = await verifierKeyOf(newKey(), vkeys)
    t.match(await checkCheckpoint(note, other), { why: 'not-signed' })
    t.match(await checkCheckpoint(note, `${vkeys.trim()}\n${other}`), { outcome: 'verified', signers: { length: 1 } })
  })

  await t.test('proofs for a smaller tree hold if the signed checkpoint continues that tree', async (t) => {
    const proven = await eventsOf(honest, 'vkist', '&proof=true')
    await confirmAndSign(product)
    const { checkpoint } = await verified(honest)
    const shown = proven.map(({ event }) => event)
    t.ok((proven[0]?.proof?.size ?? 0) < checkpoint.size)
    const question = { proposalId: 'vkist', shown, version: shown.length, proven, checkpoint }
    t.same((await checkEvents(question, honest)).differing, [])
    const lying = asking(url, (path, body) =>
      path.includes('consistency')
        ? body.replace(/(?<="fromRootHash":")./, (first) => (first === 'A' ? 'B' : 'A'))
        : body,
    )
    const { inLog } = await checkEvents(question, lying)
    t.same(inLog, [])
  })

  await t.test('an event that is not signed yet is neither proven nor refuted', async (t) => {
    const { checkpoint } = await verified(honest)
    const proven = (await eventsOf(honest, 'vkist', '&proof=true')).map((one) => ({ ...one, proof: null }))
    const shown = proven.map(({ event }) => event)
    const question = { proposalId: 'vkist', shown, version: shown.length, proven, checkpoint }
    const { inLog, notYet, differing } = await checkEvents(question, honest)
    t.same([inLog, differing], [[], []])
    t.equal(notYet.length, shown.length)
  })

  await t.test('the log is shown to continue the checkpoint that was kept, and the newer one is kept', async (t) => {
    const browser = keeper()
    t.match(await checked(honest, browser), { continuity: { outcome: 'first' }, key: { outcome: 'first' } })
    const first = browser.kept
    const { size } = (await verified(honest)).checkpoint
    await confirmAndSign(product)
    t.match(await checked(honest, browser), {
      continuity: { outcome: 'continued', from: size },
      key: { outcome: 'known' },
    })
    t.not(browser.kept?.note, first?.note)
    t.match(await checked(honest, keeper(browser.kept)), { continuity: { outcome: 'continued' } })
  })

  await t.test('a rewritten log is found, and what was kept stays as the evidence', async (t) => {
    const { note, checkpoint, signers } = await verified(honest)
    const root = note.split('\n')[2] ?? ''
    const forged: Kept = {
      note: note.replace(root, `${root.startsWith('A') ? 'B' : 'A'}${root.slice(1)}`),
      vkeys: signers.map(({ vkey }) => vkey),
      beside: [],
      at: '2026-11-01T00:00:00.000Z',
    }
    const browser = keeper(forged)
    t.match(await checked(honest, browser), { continuity: { outcome: 'rewritten', from: checkpoint.size } })
    t.equal(browser.kept, forged)
    await confirmAndSign(product)
    t.match(await checked(honest, browser), { continuity: { outcome: 'rewritten', from: checkpoint.size } })
    t.equal(browser.kept, forged)
  })

  await t.test('a checkpoint older than the kept one shows nothing either way', async (t) => {
    const { note, signers } = await verified(honest)
    const kept = { note, vkeys: signers.map(({ vkey }) => vkey), beside: [], at: '' }
    const { checkpoint } = await verified(honest)
    t.match(await checkContinuity(kept, { ...checkpoint, size: checkpoint.size - 1 }, honest), { outcome: 'older' })
  })

  await t.test(
    'after an accepted restore it is said what the operator declared, and checked what is still there',
    async (t) => {
      const browser = keeper()
      const { checkpoint } = await checked(honest, browser)
      const kept = browser.kept as Kept
      await acceptRestore(product.services.database.pool(), 'the disk was lost')
      await eventually(async () => (await verified(honest)).checkpoint.logId !== checkpoint.logId)
      const after = await checked(honest, browser)
      t.match(after.continuity, { outcome: 'restored', intact: true, fork: { reason: 'the disk was lost' } })
      t.equal(after.key.outcome, 'known')
      t.equal(browser.kept, kept, 'the reader decides when to begin anew')
      const lost = { ...after.checkpoint, size: checkpoint.size - 1 }
      t.match(await checkContinuity(kept, lost, honest), { outcome: 'rewritten' })
      const forks = async () => (await honest.forks()).map((fork) => ({ ...fork, firstPosition: checkpoint.size }))
      t.match(await checkContinuity(kept, lost, { ...honest, forks }), { outcome: 'restored', intact: false })
      const undeclared = { ...honest, forks: async () => [] }
      t.match(await checkContinuity(kept, after.checkpoint, undeclared), {
        outcome: 'other-log',
        logId: checkpoint.logId,
      })
    },
  )

  await t.test('a key that is being replaced, and one that was replaced, are said as what they are', async (t) => {
    const browser = keeper()
    await checked(honest, browser)
    const known = browser.kept?.vkeys ?? []
    await product.services.projection.stop()
    const keys = [newKey(), key]
    const rotating = asking(
      await (await startProjection(t, product.services.database, { signing: { ...signing, keys } })).listen(),
    )
    await confirm(product, 'vkist')
    const during = await eventually(async () => {
      const log = await checked(rotating, browser)
      return log.key.outcome === 'being-replaced' ? log : null
    })
    t.match(during.continuity, { outcome: 'continued' })
    t.same(browser.kept?.vkeys, known, 'a signature of the known key does not vouch for the new one')
    const beside = browser.kept?.beside ?? []
    t.equal(beside.length, 1)
    const kept = browser.kept as Kept
    // As it is when the former key signs no longer.
    const [note] = await checkpointOf(rotating)
    const log = await checkLog({ note, vkeys: beside.join('\n') }, rotating, keeper(kept))
    t.match(log, { key: { outcome: 'replaced', wasBeside: true }, continuity: { outcome: 'continued' } })
    const unseen = await checkLog({ note, vkeys: beside.join('\n') }, rotating, keeper({ ...kept, beside: [] }))
    t.match(unseen, { key: { outcome: 'replaced', wasBeside: false } })
  })
})
