import { type EventBody, type EventType, eventTypes } from '@commitments/domain'
import { example, historyFor, issuerEntry, issuersFile, proposed, startIssuer } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { type Apps, bearer, openApps } from './support/apps.ts'

/** Keys that are bound to a party: the ministry of Viet Nam, the ministry of Korea, and a party that is not in the proposal. */
const bound = { 'most-vn': 'bound', 'msit-kr': 'bound-kr', elsewhere: 'bound-outside' } as const
type BoundParty = keyof typeof bound
const parties = Object.keys(bound) as BoundParty[]

const eitherMinistry = ['most-vn', 'msit-kr'] as const

/** The parties whose keys may record the example of each type. If a type is added, the compiler requires a row. */
const mayRecord: Readonly<Record<EventType, readonly BoundParty[]>> = {
  // Acts that name the actor.
  proposed: ['most-vn'],
  agreed: eitherMinistry,
  funded: ['msit-kr'],
  delivered: ['most-vn'],
  consented: ['most-vn'],
  amended: eitherMinistry,
  ended: ['most-vn'],
  pledged: ['msit-kr'],
  decommitted: ['msit-kr'],
  'tranche-planned': ['msit-kr'],
  disbursed: ['msit-kr'],
  refunded: ['most-vn'],
  'contributed-in-kind': ['most-vn'],
  'party-joined': eitherMinistry,
  'party-left': ['most-vn'],
  'party-renamed': ['msit-kr'],
  assessed: ['elsewhere'],
  'contest-resolved': ['msit-kr'],
  // Acts of one of the parties.
  updated: eitherMinistry,
  suspended: eitherMinistry,
  resumed: eitherMinistry,
  reopened: eitherMinistry,
  closed: eitherMinistry,
  started: eitherMinistry,
  'milestone-planned': eitherMinistry,
  'milestone-reached': eitherMinistry,
  rescheduled: eitherMinistry,
  'indicator-reported': eitherMinistry,
  'risk-flagged': eitherMinistry,
  'risk-cleared': eitherMinistry,
  'agenda-set': eitherMinistry,
  'agenda-item-resolved': eitherMinistry,
  linked: eitherMinistry,
  unlinked: eitherMinistry,
  // What anybody knows or claims.
  confirmed: parties,
  contested: parties,
  'evidence-attached': parties,
  // About what the ministry of Viet Nam asserted.
  corrected: ['most-vn'],
  retracted: ['most-vn'],
}

/** Examples for types whose usual example names a party without a key here. */
const cases: Partial<Record<EventType, EventBody>> = {
  'party-joined': example('party-joined', { party: 'elsewhere' }),
  'party-left': example('party-left', { party: 'most-vn' }),
  assessed: example('assessed', { assessor: 'elsewhere' }),
}

function caseOf(type: EventType): EventBody {
  return cases[type] ?? example(type)
}

/** The ministry of Viet Nam asserts the earlier events, and the ministry of Korea contests them. */
function historyOf(type: EventType): EventBody[] {
  return historyFor(type).map((event) => ({
    ...event,
    assertedBy: event.type === 'contested' ? 'msit-kr' : 'most-vn',
  }))
}

const ways = ['dry run', 'single', 'bulk', 'atomic'] as const
type Way = (typeof ways)[number]

interface Told {
  readonly status: number
  readonly code?: string | undefined
}

t.test('a key that is bound to a party speaks for that party only, with every type and in every way', async (t) => {
  const apps = await openApps(t)
  await prepare(t, apps)
  for (const way of ways) {
    for (const party of parties) await t.test(`${way}, with the key of ${party}`, (t) => compare(t, apps, way, party))
  }
})

t.test(
  'a token whose claim names a party speaks as a key that is bound to it, and one whose claim names none records nothing',
  async (t) => {
    const issuer = await startIssuer(t)
    const map = { 'Ministry of Science': 'most-vn', MSIT: 'msit-kr', Elsewhere: 'elsewhere' }
    const entry = issuerEntry(issuer, { party: { claim: 'org', map } })
    const apps = await openApps(t, { environment: { OIDC_ISSUERS_FILE: issuersFile(t, [entry]) } })
    await prepare(t, apps)
    const tokenFor = async (claims: object) => `Bearer ${await issuer.token({ scope: 'record', ...claims })}`
    for (const [org, party] of Object.entries(map) as [string, BoundParty][]) {
      const authorization = await tokenFor({ org })
      await t.test(`dry run, with a token of ${party}`, (t) => compare(t, apps, 'dry run', party, authorization))
    }
    const strangers = [{ org: 'another' }, { scope: 'record correct' }]
    for (const way of ways) {
      for (const claims of strangers) {
        const told = await tell(apps, way, 'most-vn', await tokenFor(claims))
        t.equal(told.length, eventTypes.length)
        for (const [index, { status, code }] of told.entries()) {
          t.same([status, code], [403, 'not-your-party'], `${way}: ${eventTypes[index]} with ${JSON.stringify(claims)}`)
        }
      }
    }
  },
)

t.test('if the event names no asserting party, the line names the party of the key', async (t) => {
  const { command } = await openApps(t)
  const headers = { authorization: bearer('bound'), 'idempotency-key': '"once"' }
  const send = (body: EventBody) =>
    command.inject({ method: 'POST', url: '/v1/proposals/lab/events', headers, payload: body })
  const first = await send(proposed())
  t.match(first.json(), { assertedBy: 'most-vn', recordedBy: 'key:bound' })
  const again = await send(proposed())
  t.equal(again.headers['idempotency-replayed'], 'true', 'a repeat stays a repeat')
  t.equal(again.body, first.body)
  const said = await send(proposed({}, { assertedBy: 'most-vn' }))
  t.equal(said.headers['idempotency-replayed'], 'true', 'also where it now says what was filled in')
})

t.test('with the scope correct a bound key corrects what others recorded', async (t) => {
  const { command } = await openApps(t)
  const send = (caller: 'bound-kr' | 'bound-registry' | 'all', payload: EventBody) =>
    command.inject({
      method: 'POST',
      url: '/v1/proposals/lab/events',
      headers: { authorization: bearer(caller) },
      payload,
    })
  await send('all', proposed())
  t.match((await send('bound-kr', example('corrected'))).json(), { status: 403, code: 'not-your-event', events: [1] })
  t.equal((await send('bound-registry', example('corrected'))).statusCode, 201)
})

/** A proposal for each type, way and party: recording on one must not affect another. */
function proposalOf(type: EventType, way: Way, party: BoundParty): string {
  return `${type}-${way.replace(' ', '-')}-${party}`
}

async function prepare(t: Test, { command }: Apps): Promise<void> {
  const lines: object[] = [{ proposalId: 'other', ...proposed() }]
  for (const type of eventTypes) {
    for (const way of ways) {
      for (const party of parties) {
        const proposalId = proposalOf(type, way, party)
        lines.push(...historyOf(type).map((event) => ({ proposalId, ...event })))
      }
    }
  }
  const answer = await sendLines(command, bearer('all'), '/v1/events?atomic=true', lines)
  t.equal(answer.statusCode, 200, answer.body.slice(0, 1_000))
}

async function compare(
  t: Test,
  apps: Apps,
  way: Way,
  party: BoundParty,
  authorization: string = bearer(bound[party]),
): Promise<void> {
  const told = await tell(apps, way, party, authorization)
  for (const [index, type] of eventTypes.entries()) {
    const { status = 0, code } = told[index] ?? {}
    const refused = type === 'corrected' || type === 'retracted' ? 'not-your-event' : 'not-your-party'
    if (mayRecord[type].includes(party)) t.ok(status === 200 || status === 201, `${type}: ${status} ${code}`)
    else t.same([status, code], [403, refused], type)
  }
}

/** The answers for each type of event, in order. */
async function tell({ command }: Apps, way: Way, party: BoundParty, authorization: string): Promise<Told[]> {
  const lines = eventTypes.map((type) => ({ proposalId: proposalOf(type, way, party), ...caseOf(type) }))
  if (way === 'bulk') return linesOf((await sendLines(command, authorization, '/v1/events', lines)).body)
  const told: Told[] = []
  for (const line of lines) {
    const { proposalId, ...payload } = line
    const answer =
      way === 'atomic'
        ? await sendLines(command, authorization, '/v1/events?atomic=true', [line])
        : await command.inject({
            method: 'POST',
            url: `/v1/proposals/${proposalId}/events${way === 'dry run' ? '?dryRun=true' : ''}`,
            headers: { authorization },
            payload,
          })
    told.push({ status: answer.statusCode, code: answer.json().code })
  }
  return told
}

function sendLines(command: Apps['command'], authorization: string, url: string, lines: object[]) {
  return command.inject({
    method: 'POST',
    url,
    headers: { authorization, 'content-type': 'application/x-ndjson' },
    payload: lines.map((line) => JSON.stringify(line)).join('\n'),
  })
}

function linesOf(body: string): Told[] {
  const lines = body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  return lines.filter((line) => line.summary === undefined)
}
