import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from '@commitments/client'
import { issuerEntry, issuersFile, proposed, startIssuer } from '@commitments/test-kit'
import t from 'tap'
import { collect, eventsOf, openServices } from './services.ts'

const scope = 'record read audit'

async function open(t: import('tap').Test) {
  const issuer = await startIssuer(t)
  const environment = { OIDC_ISSUERS_FILE: issuersFile(t, [issuerEntry(issuer)]), READ_ACCESS: 'key' }
  const services = await openServices(t, { environment })
  const { commandUrl, projectionUrl } = services
  const retries = { firstPauseMs: 10, longestPauseMs: 50, attemptMs: 10_000, withinMs: 20_000 }
  return { ...services, issuer, options: { commandUrl, projectionUrl, retries } }
}

t.test('a token is sent as it is given, or asked for before each request', async (t) => {
  const { issuer, options } = await open(t)
  const fixed = createClient({ ...options, token: await issuer.token({ scope }) })
  const { position } = await fixed.recordEvent('lab', proposed())
  // Each request that is tried again asks for a token again, so nothing here may come too early.
  await fixed.waitFor(position)
  let asked = 0
  const client = createClient({
    ...options,
    token: async ({ signal }) => {
      signal.throwIfAborted()
      asked += 1
      return issuer.token({ scope })
    },
  })
  const { value } = await client.getProposal('lab')
  t.equal(value.stage, 'proposed')
  t.equal(asked, 1)
  t.equal((await collect(client.feed())).length, 1)
  await collect(client.recordEvents([{ proposalId: 'other', ...proposed() }]))
  await client.recordAtomically([{ proposalId: 'third', ...proposed() }])
  t.equal(asked, 4)
})

t.test('a token that is not given is tried again, and then says why', async (t) => {
  const { issuer, options } = await open(t)
  let asked = 0
  const token = async () => {
    asked += 1
    if (asked < 3) throw new Error('the provider is away')
    return issuer.token({ scope })
  }
  await createClient({ ...options, token }).recordEvent('lab', proposed())
  t.equal(asked, 3)
  const never = createClient({
    ...options,
    token: () => Promise.reject(new Error('no such client')),
    retries: { ...options.retries, withinMs: 50 },
  })
  await t.rejects(never.recordEvent('lab', proposed()), { name: 'Unreachable', message: /no such client/ })
  await t.rejects(collect(never.feed()), /no such client/)
})

t.test('a provider that never answers ends with the call', async (t) => {
  const { options } = await open(t)
  const client = createClient({ ...options, token: () => new Promise<string>(() => {}) })
  const leave = new AbortController()
  const call = client.getProposal('lab', { signal: leave.signal })
  leave.abort(new Error('enough'))
  await t.rejects(call, /enough/)
})

t.test('a key and a token together are refused, because one is sent', async (t) => {
  const urls = { commandUrl: 'http://127.0.0.1:1', projectionUrl: 'http://127.0.0.1:1' }
  t.throws(() => createClient({ ...urls, apiKey: 'a', token: 'b' }), /Give either apiKey or token/)
})

t.test(
  'an import that outlives its token goes on with the next one, and records each line once',
  { timeout: 60_000 },
  async (t) => {
    const { issuer, options, database } = await open(t)
    const now = Math.floor(Date.now() / 1_000)
    // It holds for some more seconds: thirty after its end.
    const first = await issuer.token({ scope, iat: now - 100, exp: now - 27 })
    const tokens = [first]
    const client = createClient({ ...options, token: async () => tokens.shift() ?? issuer.token({ scope }) })
    async function* lines() {
      for (let count = 1; count <= 20; count += 1) {
        yield { proposalId: `p${count}`, ...proposed() }
        await wait(300)
      }
    }
    const results = await collect(client.recordEvents(lines()))
    t.equal(results.length, 20)
    t.ok(results.every((result) => 'position' in result))
    t.equal(await eventsOf(database), 20)
    t.equal(tokens.length, 0)
  },
)
