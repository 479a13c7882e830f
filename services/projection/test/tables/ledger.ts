/** A small ledger with something for each table. */
import { agreed, example, funded, proposed } from '@commitments/test-kit'
import type { Ledger } from '../support.ts'

export const today = '2026-11-22'

const usd = (value: string) => ({ amount: { value, currency: 'USD' } })

/** The programme `top` with money of its own, and its part `lab`, which carries money too. */
export async function recordSome(ledger: Ledger): Promise<number> {
  const title = { en: '=HYPERLINK("x"), "quoted"\nand broken', vi: 'Đề án', ko: '공동 연구실' }
  const requestedFunding = [
    { provider: 'msit-kr', ...usd('70') },
    { provider: 'msit-kr', amount: null, amountStatus: 'unknown' },
  ] as never
  await ledger.record('top', proposed({ kind: 'programme' }), agreed(), funded(usd('99')))
  return ledger.record(
    'lab',
    proposed({
      title,
      parent: 'top',
      planned: { end: '2027-06' },
      fields: ['materials', 'training'],
      requestedFunding,
    }),
    agreed(),
    example('pledged', usd('3000000')),
    funded({ ...usd('2000000.50'), pledge: 'kr-pledge', agreementNumber: '-7' }),
    example('decommitted', usd('500000')),
    example('tranche-planned', usd('1000000')),
    example('disbursed', { ...usd('1000000'), tranche: 'first', valueDate: '2025-03' }),
    example('refunded', usd('250000.25')),
    example('contributed-in-kind', {
      quantity: '2',
      unit: { en: 'rooms' },
      valuation: { amount: { value: '12', currency: 'VND' }, method: { en: '=estimate' } },
    }),
    example('milestone-planned'),
    example('rescheduled', { which: 'opening', to: '2027-05-31' }),
    example('party-joined', { party: 'kist-kr', country: 'KR', roles: ['technical-partner'] }),
    example('party-left', { party: 'lab' }),
    example('party-renamed', { party: 'msit-kr', name: { en: 'Ministry of Science' } }),
    example('linked', { relation: 'precedes', other: 'top' }),
    example('evidence-attached', { event: 4 }),
    example('retracted', { events: [15] }),
    example('corrected', { corrections: [{ event: 12, occurredOn: '2025-02' }] }),
  )
}
