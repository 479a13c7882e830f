import t from 'tap'
import { findings, portfolio, publish } from './support.ts'

const { xml, exported, leftOut, drafts } = publish(portfolio())

t.test('21 of the 95 proposals of the portfolio can be published', async (t) => {
  t.same(exported, [
    'asean-kr-digital-forum',
    'jcm10',
    'jcm8',
    'jcm9',
    'kadif',
    'kr-st-masterplan-5',
    'ksp-2023-24',
    'most-kdi-meeting-2023',
    'most-msit-meeting-2025',
    'st-agreement-1995',
    'st-seminar-2025',
    'v-compas',
    'vasea-2023',
    'vkist',
    'vn-au-ministerial-2023',
    'vn-br-most-mcti-2023',
    'vn-ca-edu-research-forum-2023',
    'vn-digital-week-2026',
    'vn-jp-intellectuals-2023',
    'vn-kr-csp',
    'vn-st-strategy-2026-2035',
  ])
})

t.test('each of the other 74 is left out for the rules that it fails, and for no others', async (t) => {
  t.equal(leftOut.size, 74)
  const byRules = Map.groupBy(leftOut, ([, failures]) => failures.map(({ id }) => id).join(' '))
  t.same(
    new Map([...byRules].map(([rules, of]) => [rules, of.length])),
    new Map([
      ['6.11.1', 68],
      ['6.2.2', 3],
      ['6.11.1 6.2.2', 2],
      ['3.7.1', 1],
    ]),
  )
  const of = (rules: string) =>
    byRules
      .get(rules)
      ?.map(([id]) => id)
      .toSorted()
  t.same(of('6.2.2'), ['joint-research-2019-2020', 'vn-kr-diplomatic-relations', 'vn-kr-strategic-partnership'])
  t.same(of('6.11.1 6.2.2'), ['csp-action-programme', 'vn-growth-10pct'])
  t.same(of('3.7.1'), ['st-ministers-roundtable-2023'])
})

t.test('the file of the portfolio is valid in all three layers', async (t) => {
  t.same(findings(xml), [])
})

t.test('the report names each line of money that is not in the file', async (t) => {
  const money = [...drafts].flatMap(([id, { omissions }]) => omissions.map(({ what, why }) => `${id}: ${what}: ${why}`))
  t.same(money, ['vkist: funded vn-counterpart: The date is not known.'])
})
