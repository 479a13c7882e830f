import { agreed, funded, proposed } from '@commitments/test-kit'
import t, { type Test } from 'tap'
import { openLedger, startService } from './support.ts'

t.setTimeout(120_000)

/** All settings with which a server can write the same value differently. */
const others = {
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'America/St_Johns',
  extra_float_digits: '-15',
  bytea_output: 'escape',
  standard_conforming_strings: 'off',
}

/** Everything that is served for a ledger in a database with these settings. */
async function served(t: Test, settings: Readonly<Record<string, string>>) {
  const ledger = await openLedger(t)
  const { rows } = await ledger.pool.query('SELECT current_database() AS name')
  for (const [name, value] of Object.entries(settings)) {
    await ledger.pool.query(`ALTER DATABASE ${rows[0].name} SET ${name} TO '${value}'`)
  }
  const service = await startService(t, ledger, { clock: () => new Date('2026-11-22T00:00:00Z') })
  const planned = { start: '2019', end: '2020-12-31' } as never
  await ledger.record('late', proposed({ planned, title: { en: 'back\\slash' } }), agreed(), funded())
  await ledger.record('later', proposed({ planned: { end: '2021-06' } }))
  await service.applied(await ledger.record('never', proposed()))
  const read = async (url: string) => {
    const answer = await service.get(url)
    if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.body}`)
    return answer
  }
  const walk = async (query: string): Promise<string> => {
    const ids: string[] = []
    let url = `/v1/proposals?${query}&limit=1`
    while (url !== '') {
      const { proposals, next } = (await read(url)).json()
      ids.push(proposals[0].proposalId)
      url = next === null ? '' : `/v1/proposals?cursor=${next}&limit=1`
    }
    return ids.join()
  }
  const found: string[] = []
  for (const when of ['', 'asOf=2999-01-01&']) {
    for (const sort of ['title', 'plannedEnd', '-plannedEnd', 'updated']) found.push(await walk(`${when}sort=${sort}`))
    found.push((await read(`/v1/portfolio?${when}`)).body)
  }
  for (const part of ['', '/events', '/changes']) found.push((await read(`/v1/proposals/late${part}`)).body)
  found.push((await read('/v1/changes')).body)
  const { proposals } = (await read('/v1/portfolio')).json().overdue
  return {
    found: found.map(withoutChance),
    overdue: proposals.map(({ plannedEnd }: { plannedEnd: string }) => plannedEnd),
  }
}

/** Recording times and event ids differ from ledger to ledger. */
function withoutChance(body: string): string {
  return body.replace(/20\d\d-\d\d-\d\dT[\d:.]+Z/g, 'time').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id')
}

t.test('the answers do not depend on how the server writes days, times, numbers and bytes', async (t) => {
  const usual = await served(t, {})
  const changed = await served(t, others)
  t.same(changed.overdue, ['2020-12-31', '2021-06-30'])
  t.same(changed.found, usual.found)
})
