import { setTimeout as sleep } from 'node:timers/promises'
import { proposed } from '@commitments/test-kit'
import { agreed, example } from '@commitments/test-kit/domain'
import t from 'tap'
import { type Verdict, type VerifyOptions, verify } from '../src/index.ts'
import { type Lie, lieAbout, lyingProxy } from './lying-proxy.ts'
import { type Audited, openAudited } from './services.ts'

// The log is intact and its answers are changed on their way to the auditor. Whoever is honest must not be invalid, and whoever lies must
// not be valid.

t.setTimeout(600_000)

// oxlint-disable-next-line typescript/no-explicit-any -- lies change whatever they like
type Status = Record<string, any>
type List = { proposals: Status[]; total: number; next: string | null }

const single = /^\/v1\/proposals\/[a-z0-9-]+$/
const mainList = /^\/v1\/proposals\?limit=500$/
const past = /^\/v1\/proposals\?.*(?:knownAt|asOf)/
const filtered =
  /^\/v1\/proposals\?(?!.*knownAt).*(?:stage|kind|party|country|q|sort|role|field|condition|parent|suspended|ending)=(?!void)/
const pastSingle = /^\/v1\/proposals\/[a-z0-9-]+\?.*knownAt/

const byKind = '/v1/proposals?limit=500&kind='
/** What is served of today, unless a position is asked for. */
const oldState =
  /^\/v1\/(?:proposals(?!.*(?:events|changes))|portfolio(?!\/series))(?!.*(?:atLeast|knownAt|asOf|cursor))/

const [invalid, unchecked] = ['invalid', 'could-not-be-checked'] as const

interface Case {
  readonly rule: string
  readonly lie: Lie
  readonly outcome: Verdict['outcome']
  readonly says: RegExp
  readonly options?: Partial<VerifyOptions>
}

function forge(status: Status): void {
  status['stage'] = 'delivered'
  status['title'] = { en: 'Forged' }
}

const cases: readonly Case[] = [
  {
    rule: 'a status at a position that nobody has signed is not valid, whatever position it names',
    lie: lieAbout(single, (status: Status) => {
      forge(status)
      status['position'] = 999_999_999
    }),
    outcome: unchecked,
    says: /rests on position 999999999, and the signed log ends at \d+/,
  },
  {
    rule: 'a status by itself is compared as it is',
    lie: lieAbout(single, forge),
    outcome: invalid,
    says: /the served status of .* says (?:title|stage)/,
  },
  {
    rule: 'lists that say that they have seen more than is signed are not compared, and that is not valid',
    lie: lieAbout(filtered, (_, headers) => {
      headers['log-position'] = '999999'
      return { proposals: [], next: null, total: 0 }
    }),
    outcome: unchecked,
    says: /seen (?:the log up to )?position 999999, and (?:it is|the log is) signed up to \d+/,
  },
  {
    rule: 'the list of all proposals has each of them',
    lie: lieAbout(mainList, (list: List) => {
      list.proposals = list.proposals.filter(({ proposalId }) => proposalId !== 'jcm10')
      list.total -= 1
    }),
    outcome: invalid,
    says: /serves no status of jcm10, .* in any list/,
  },
  {
    rule: 'the list of all proposals says how many there are',
    lie: lieAbout(mainList, (list: List) => void (list.total -= 1)),
    outcome: invalid,
    says: /the served list of all proposals says total \d+, but the lines give \d+/,
  },
  {
    rule: 'every order of lists is compared',
    lie: lieAbout(
      /[?&]sort=-?(?:title|stage|agreed|committed|condition)/,
      (list: List) => void list.proposals.reverse(),
    ),
    outcome: invalid,
    says: /the served list sort=\S+ has \S+ where the lines give \S+/,
  },
  {
    rule: 'a list of what was recorded since an instant has it all',
    lie: lieAbout(/^\/v1\/proposals\?updatedSince=|^\/v1\/proposals\?.*&updatedSince=/, (list: List) => {
      list.total -= list.proposals.splice(0, 1).length
    }),
    outcome: invalid,
    says: /the served list updatedSince=\S+ has .* where the lines give \S+/,
  },
  {
    rule: 'lists by a party in a role, of wholes and of parts are compared',
    lie: lieAbout(/^\/v1\/proposals\?.*(?:hasParts|parent=none|party=.*role=)/, (list: List) => ({
      ...list,
      proposals: [],
      total: 0,
    })),
    outcome: invalid,
    says: /the served list \S+ has nobody where the lines give \S+/,
  },
  {
    rule: 'what changed since a position or an instant is what the lines say',
    lie: lieAbout(/^\/v1\/changes/, (changes: List) => void changes.proposals.splice(-1, 1)),
    outcome: invalid,
    says: /as changed since \S+, the service has nobody where the lines give/,
  },
  {
    rule: 'who polls for changes is told where to go on',
    lie: lieAbout(/^\/v1\/changes/, (changes: Status) => void (changes['next'] += 1)),
    outcome: invalid,
    says: /of what changed since \S+, the service says next \d+, and by the lines it is \d+/,
  },
  {
    rule: 'the figures of a portfolio with a filter are compared',
    lie: lieAbout(/^\/v1\/portfolio\?(?:kind|party|suspended)=/, (portfolio: Status) => void (portfolio['total'] += 1)),
    outcome: invalid,
    says: /the served portfolio says total \d+, but the lines give \d+ \((?:kind|party|suspended)=/,
  },
  {
    rule: 'the figures of a series are compared, along both axes of time',
    lie: lieAbout(/^\/v1\/portfolio\/series\?axis=known/, (series: Status) => {
      for (const step of series['steps'] as Status[]) step['byStage'] = { delivered: 99 }
    }),
    outcome: invalid,
    says: /says byStage .*99.*\(in a series, as of \S+, known at position \d+\)/,
  },
  {
    rule: 'a series by year has the end of each year',
    lie: lieAbout(
      /^\/v1\/portfolio\/series\?axis=asOf/,
      (series: Status) => void (series['steps'] as Status[]).splice(3, 1),
    ),
    outcome: invalid,
    says: /the served series by year from \S+ to \S+ has other steps/,
  },
  {
    rule: 'the changes of a proposal, field by field, are what its events come to',
    lie: lieAbout(/^\/v1\/proposals\/[a-z0-9-]+\/changes/, (changes: Status) => {
      for (const field of changes['fields'] as Status[])
        if (field['field'] === 'stage') field['changes'][0].value = 'closed'
    }),
    outcome: invalid,
    says: /the served changes of stage of \S+ are not what its events come to/,
  },
  {
    rule: 'a list of the past is a list',
    lie: lieAbout(past, () => ({ proposals: { a: 1 }, next: null })),
    outcome: unchecked,
    says: /is not as documented: proposals is no list of objects/,
  },
  {
    rule: 'a list of the past does not end before it is whole',
    lie: lieAbout(past, (list: List) => ({ ...list, proposals: list.proposals.slice(0, 1), next: null })),
    outcome: invalid,
    says: /the served list (?:has nobody where the lines give|q=.* does not find)/,
  },
  {
    rule: 'each whole status in a list of the past is compared',
    lie: lieAbout(past, (list: List) => {
      for (const one of list.proposals) one['planned'] = { start: '1999', end: '2001' }
    }),
    outcome: invalid,
    says: /the served list says planned .*1999.* but its events give/,
  },
  {
    rule: 'the whole status of a proposal in the past is compared',
    lie: lieAbout(pastSingle, forge),
    outcome: invalid,
    says: /the served status of .* at .* says (?:title|stage)/,
  },
  {
    rule: 'a status of the past is parked only where an event cannot follow',
    lie: lieAbout(pastSingle, (status: Status) => {
      status['version'] = 999
      status['parked'] = { position: 1 }
    }),
    outcome: unchecked,
    says: /is parked at position 1, but here that event can be applied/,
  },
  {
    rule: 'a party has no other name than its proposal and the renamings of all lines give it',
    lie: lieAbout(/^\/v1\/proposals(?:\?|\/[a-z0-9-]+(?:\?|$))/, (value: Status) => {
      for (const one of (value['proposals'] as Status[] | undefined) ?? [value])
        for (const party of (one['parties'] as Status[] | undefined) ?? []) {
          party['recordedName'] ??= party['name'] ?? null
          party['name'] = { en: 'Ministry of Forgery' }
        }
    }),
    outcome: invalid,
    says: /says parties .*Forgery/,
  },
  {
    rule: 'tiles that are not served could not be checked',
    lie: { alter: ({ path }) => (/tile\/\d/.test(path) ? { status: 404, body: Buffer.from('x') } : undefined) },
    outcome: unchecked,
    says: /tile 0\/0 is not served whole, although the signed log covers it/,
  },
  {
    rule: 'a tile that is short could not be checked',
    lie: { alter: ({ path, body }) => (/tile\/0\/000/.test(path) ? { body: body.subarray(32) } : undefined) },
    outcome: unchecked,
    says: /tile 0\/0 is not served whole, although the signed log covers it/,
  },
  {
    rule: 'a list whose next leads back to it could not be checked',
    lie: {
      path: (path) => path.replace(/&cursor=x\d*/, ''),
      ...lieAbout(/^\/v1\/proposals\?limit=500(?:$|&cursor=x)/, (list: List) => void (list.next = 'x1')),
    },
    outcome: unchecked,
    says: /the list limit=500 has \S+ twice, so it need not end/,
  },
  {
    rule: 'a list that has seen more than it shows is frozen, and not valid',
    lie: {
      path: (path) =>
        /^\/v1\/(?:proposals|portfolio)/.test(path) && !/knownAt|asOf|cursor|events|changes/.test(path)
          ? path
              .replace(/[?&]atLeast=\d+/, '')
              .replace(/\?|$/, (mark) => `?knownAtPosition=5${mark === '?' ? '&' : ''}`)
          : path,
      alter: ({ path, headers }) =>
        /^\/v1\/(?:proposals|portfolio)/.test(path) && !/knownAt|asOf|events|changes/.test(path)
          ? { headers: { ...headers, 'log-position': '5' } }
          : undefined,
    },
    outcome: unchecked,
    says: /was served up to position 5 only, and positions up to \d+ are signed/,
  },
  {
    rule: 'a list that falls back behind what the service has shown before could not be checked, although it says so',
    lie: {
      path: (path) => (path.startsWith(byKind) ? `${path}&knownAtPosition=4` : path),
      alter: ({ path, headers }) =>
        path.startsWith(byKind) ? { headers: { ...headers, 'log-position': '4' } } : undefined,
    },
    outcome: unchecked,
    says: /the served list kind=\S+ has seen position 4 only, and the service had shown position 7 before/,
  },
  {
    rule: 'a service that shows an old state, and the rest only if it is asked for that, could not be checked',
    lie: {
      path: (path) =>
        oldState.test(path) ? path.replace(/\?|$/, (mark) => `?knownAtPosition=5${mark === '?' ? '&' : ''}`) : path,
      alter: ({ path, headers }) =>
        oldState.test(path) ? { headers: { ...headers, 'log-position': '5' } } : undefined,
    },
    options: { now: () => new Date(Date.now() + 600_000) },
    outcome: unchecked,
    says: /had seen position 5 only when this check began, and the next one was recorded long before/,
  },
  {
    rule: 'a series has steps along both axes of time',
    lie: lieAbout(/^\/v1\/portfolio\/series\?axis=known/, (series: Status) => void (series['steps'] = [])),
    outcome: invalid,
    says: /the served series by position from 1 to \d+ has no steps/,
  },
  {
    rule: 'the time zone that the service says is the one of the comparison, and another that is given is a question',
    lie: {},
    options: { timeZone: 'America/Los_Angeles' },
    outcome: unchecked,
    says: /the service says that the ledger is in the time zone "Asia\/Ho_Chi_Minh", and --time-zone says America\/Los_Angeles/,
  },
]

const odd: Readonly<Record<string, Lie>> = {
  'a list with nothing in it': lieAbout(/kind=/, () => ({ proposals: [null], next: null })),
  'a text for a list': lieAbout(/kind=/, () => ({ proposals: 'abc', next: null })),
  'a party that is null': lieAbout(mainList, (list: List) => void ((list.proposals[3] as Status)['parties'] = [null])),
  'a portfolio of other members': lieAbout(/^\/v1\/portfolio/, () => ({ day: {}, total: 1 })),
  'null for a status': lieAbout(single, () => JSON.parse('[null]')),
  'a page that is null': lieAbout(mainList, () => ({ proposals: [null], next: null })),
  'links that are texts': lieAbout(
    single,
    (status: Status) => void (status['related'] = { children: 'x', linkedFrom: [null] }),
  ),
  'a history of something else': lieAbout(/^\/v1\/proposals\/[a-z0-9-]+\/events/, () => ({ forged: true })),
  'deep nesting': {
    alter: ({ path, status, body }) => {
      if (status !== 200 || !mainList.test(path)) return undefined
      const deep = `"x":${'['.repeat(200_000)}${']'.repeat(200_000)},"summary":`
      return { body: Buffer.from(body.toString('utf8').replace('"summary":', deep)) }
    },
  },
}

/** A small ledger: every run of the command asks for all of it. */
async function recordSome({ client, signed }: Audited): Promise<number> {
  const events = [
    ...['jcm10', 'first', 'second', 'third'].map((proposalId) => ({ proposalId, body: proposed() })),
    { proposalId: 'lab', body: proposed({ parent: 'jcm10' }) },
    { proposalId: 'lab', body: example('party-renamed') },
    { proposalId: 'first', body: agreed() },
  ]
  let last = 0
  for (const { proposalId, body } of events) last = (await client.recordEvent(proposalId, body)).position
  await signed(last)
  return last
}

t.test('what is served is compared, or the verdict is not valid', async (t) => {
  const audited = await openAudited(t)
  const last = await recordSome(audited)
  await fetch(`${audited.url}/v1/portfolio?knownAtPosition=${last}&atLeast=${last}`)
  const { url, tell } = await lyingProxy(t, audited.url)
  const options = { source: url, pauses: [], patience: 100, moments: 4 }

  await t.test('an honest service is valid behind a proxy', async (t) => {
    const verdict = await verify(options)
    t.match(verdict, { outcome: /^valid$/ }, verdict.sentence)
  })

  for (const { rule, lie, outcome, says, options: more } of cases)
    await t.test(rule, async (t) => {
      tell(lie)
      const verdict = await verify({ ...options, ...more })
      t.match(verdict, { outcome, sentence: says }, verdict.sentence)
    })

  for (const [name, lie] of Object.entries(odd))
    await t.test(`an answer of an odd shape is no crash and not valid: ${name}`, async (t) => {
      tell(lie)
      const { outcome, sentence, checks } = await verify(options)
      t.not(outcome, 'valid', sentence)
      const others = checks.filter(({ finding }) => finding.outcome === 'held').map(({ name: check }) => check)
      for (const check of ['lines', 'tree', 'signature'] as const) t.ok(others.includes(check), check)
    })

  await t.test('an answer of an odd shape hides no changed line', async (t) => {
    for (const shape of [odd['a party that is null'], odd['deep nesting'], odd['a page that is null']]) {
      const alter: Lie['alter'] = (passed) => {
        if (!passed.path.startsWith('/v1/events')) return shape?.alter?.(passed)
        const lines = passed.body.toString('utf8').split('\n')
        lines[3] = (lines[3] ?? '').replace(/"en":"(.)/, '"en":"Z')
        return { body: Buffer.from(lines.join('\n')) }
      }
      tell({ alter })
      const verdict = await verify(options)
      t.equal(verdict.outcome, invalid, verdict.sentence)
      const tree = verdict.checks.find(({ name }) => name === 'tree')?.finding
      t.match(tree, { outcome: 'broken', position: 4 })
    }
  })

  await t.test('what was not compared is said', async (t) => {
    tell({})
    const { checks } = await verify(options)
    const finding = checks.find(({ name }) => name === 'beyond')?.finding
    t.match(finding, {
      outcome: 'left-out',
      sentence: /Not compared with the lines: .*searches for words.*calendars.*CSV/,
    })
  })
})

t.test('an honest service is valid while events are recorded, and every list is compared', async (t) => {
  const audited = await openAudited(t)
  await audited.signed(await recordSome(audited))
  let goesOn = true
  const recording = (async () => {
    for (let at = 0; goesOn; at += 1) {
      const body = at % 3 === 1 ? example('party-renamed', { name: { en: `Ministry ${at}` } }) : proposed()
      await audited.client.recordEvent(at % 3 === 1 ? 'busy-0' : `busy-${at}`, body)
      await sleep(150)
    }
  })()
  for (let run = 0; run < 2; run += 1) {
    const { outcome, sentence, checks } = await verify({ source: audited.url, moments: 4 })
    t.equal(outcome, 'valid', sentence)
    const lists = checks.find(({ name }) => name === 'lists')?.finding
    t.match(lists, { outcome: 'held', sentence: /^\d{2,} lists/ })
  }
  goesOn = false
  await recording
})

t.test(
  'an honest service whose statuses are behind the signed log could not be checked, and is not invalid',
  async (t) => {
    const audited = await openAudited(t)
    await audited.signed(await recordSome(audited))
    const holder = await audited.database.pool().connect()
    t.after(() => holder.release())
    await holder.query('BEGIN')
    await holder.query("SELECT 1 FROM projection_generations WHERE projection = 'proposal-status' FOR UPDATE")
    const { position } = await audited.client.recordEvent('late', proposed())
    while (!(await (await fetch(`${audited.url}/log/checkpoint`)).text()).includes(`\n${position}\n`)) await sleep(50)
    const { outcome, sentence } = await verify({ source: audited.url, pauses: [], moments: 2 })
    await holder.query('ROLLBACK')
    t.equal(outcome, unchecked, sentence)
    t.match(
      sentence,
      new RegExp(`was served up to position ${position - 1} only, and positions up to ${position} are signed`),
    )
  },
)

t.test('the time zone of a ledger is the one that the service says', async (t) => {
  const audited = await openAudited(t, undefined, {}, { LEDGER_TIME_ZONE: 'America/Los_Angeles' })
  await audited.signed(await recordSome(audited))
  const verdict = await verify({ source: audited.url, moments: 4 })
  t.match(verdict, { outcome: /^valid$/ }, verdict.sentence)
})
