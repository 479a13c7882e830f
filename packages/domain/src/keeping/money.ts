/** The money of a wish beside the record. */
import { difference } from '../accounts.ts'
import type { EventData } from '../event-types.ts'
import { isSame } from '../lists.ts'
import { toMinorUnits } from '../money.ts'
import type { Proposal } from '../proposal.ts'
import { differing, type Found, isLater, isSameAmount, mayBe } from './found.ts'
import type { Given, Item } from './wish.ts'

/** All requests are one value. One that is added changes no known amount. */
export function compareRequests(
  found: Found,
  { requested }: Proposal,
  wished: Given<'requestedFunding'>,
  path: string,
) {
  const [one] = differing(requested, wished, path)
  if (!one || found.isOver(one, (state) => isSame(state.requested, wished))) return
  const { reason } = found.wish
  const stays = requested.every((known) => wished.some((other) => isSame(known, other)))
  if (stays) found.step(one, 'updated', { requestedFunding: wished })
  else if (reason === undefined) found.needsReason(one)
  else found.step(one, 'updated', { requestedFunding: wished }, { note: reason })
}

export function comparePledge(found: Found, { pledges }: Proposal, wished: Item<'pledges'>, path: string) {
  const { pledge, provider, amount } = wished
  const isIt = (known: { pledge: string }) => known.pledge === pledge
  const present = pledges.find(isIt)
  const one = { path, present, wished }
  const isSaid = present === undefined ? isNothing(amount) : isSameAmount(present.amount, amount)
  if (!isSaid && (present === undefined || isLater(present, wished))) {
    if (!found.wasUndone(one, (state) => mayBe(state.pledges.find(isIt), wished), pledge))
      found.step(one, 'pledged', { pledge, provider, amount }, wished)
  } else if (present) {
    found.otherwise(differing(present.provider, provider, `${path}.provider`), present.version)
    found.otherwise(differing(present.amount, amount, `${path}.amount`), present.version)
    found.otherDate(path, present, wished)
  }
}

export function compareLine(found: Found, { lines }: Proposal, wished: Item<'lines'>, path: string) {
  const { decommitted, occurredOn, evidence, ...data } = wished
  const { line } = data
  const isIt = (known: { line: string }) => known.line === line
  const present = lines.find(isIt)
  if (present === undefined) {
    const one = { path, present, wished }
    if (!found.wasUndone(one, (state) => mayBe(state.lines.find(isIt), wished), line))
      found.step(one, 'funded', data, { occurredOn, evidence })
    return
  }
  found.otherwise(differing(present, data, path), present.version)
  found.otherDate(path, present, wished)
  if (decommitted === undefined) return
  const value = { value: present.decommitted, currency: present.currency ?? decommitted.currency }
  const sums = { path: `${path}.decommitted`, present: value, wished: decommitted }
  const more = moreThan(found, sums, present.version, (state) => state.lines.find(isIt)?.decommitted)
  if (more) found.withReason(more, 'decommitted', (reason) => ({ line, amount: more.amount, reason }))
}

type Amount = EventData['disbursed']['amount']

interface Sums {
  readonly path: string
  readonly present: Amount
  readonly wished: Amount
}

/** What was taken off so far is known as a sum. More of it is a further event, which takes off the rest; less of it is none. */
function moreThan(
  found: Found,
  sums: Sums,
  version: number,
  sumOf: (state: Proposal) => string | undefined,
): (Sums & { readonly amount: Amount }) | null {
  const { present, wished } = sums
  const { currency } = wished
  if (isNothing(present) && isNothing(wished)) return null
  if (present.currency !== currency || toMinorUnits(wished) < toMinorUnits(present)) {
    found.otherwise([sums], version)
    return null
  }
  if (isSameAmount(present, wished)) return null
  // Where more was recorded than is now, nobody knows which part of the wished sum that was.
  const known = toMinorUnits(present)
  if (found.wasUndone(sums, (state) => toMinorUnits({ value: sumOf(state) ?? '0', currency }) > known)) return null
  return { ...sums, amount: { value: difference(wished.value, present.value, currency), currency } }
}

function isNothing(amount: Amount): boolean {
  return toMinorUnits(amount) === 0n
}

export function compareTranche(found: Found, { tranches }: Proposal, wished: Item<'tranches'>, path: string) {
  const { tranche, line, amount, when = null } = wished
  const trancheOf = (state: Pick<Proposal, 'tranches'>) => state.tranches.find((known) => known.tranche === tranche)
  const present = trancheOf({ tranches })
  const one = { path, present, wished }
  if (present !== undefined) compareTranchePlan(found, present, wished, path)
  else if (!isNothing(amount) && !found.isOver(one, (state) => trancheOf(state) !== undefined, tranche))
    found.step(one, 'tranche-planned', { tranche, line, amount, when })
}

/** The plan of a tranche that exists: an amount or a date that is over, or needs a reason, stays as it is. */
function compareTranchePlan(
  found: Found,
  present: Proposal['tranches'][number],
  wished: Item<'tranches'>,
  path: string,
) {
  const { tranche, line } = wished
  found.otherwise(differing(present.line, line, `${path}.line`), present.version)
  if (present.line !== line) return
  const trancheOf = ({ tranches }: Proposal) => tranches.find((known) => known.tranche === tranche)
  const amount = { path: `${path}.amount`, present: present.amount, wished: wished.amount }
  const when = { path: `${path}.when`, present: present.when, wished: wished.when }
  const hasAmount = (known: Proposal['tranches'][number] | undefined) =>
    known !== undefined && isSameAmount(known.amount, wished.amount)
  const changes = {
    ...(!hasAmount(present) && !found.isOver(amount, (state) => hasAmount(trancheOf(state))) && { amount }),
    ...(wished.when !== undefined &&
      wished.when !== present.when &&
      !found.isOver(when, (state) => trancheOf(state)?.when === wished.when, wished.when ?? undefined) && { when }),
  }
  const { reason } = found.wish
  const open = Object.entries(changes).filter(([, change]) => {
    if (change.present === null || reason !== undefined) return true
    found.needsReason(change)
    return false
  })
  if (open.length === 0) return
  const values = Object.fromEntries(open.map(([member, change]) => [member, change.wished]))
  const data = { tranche, line, amount: present.amount, when: present.when, ...values }
  const isKnown = open.some(([, change]) => change.present !== null)
  found.step({ path, present, wished }, 'tranche-planned', data, isKnown ? { note: reason } : {})
}

export function compareTransaction(
  found: Found,
  { transactions }: Proposal,
  wished: Item<'transactions'>,
  path: string,
) {
  const { refunded, occurredOn, evidence, ...data } = wished
  const { transaction } = data
  const isIt = (known: { transaction: string }) => known.transaction === transaction
  const present = transactions.find(isIt)
  if (present === undefined) {
    const one = { path, present, wished }
    if (!found.wasUndone(one, (state) => mayBe(state.transactions.find(isIt), wished), transaction))
      found.step(one, 'disbursed', data, { occurredOn, evidence })
    return
  }
  found.otherwise(differing(present, data, path), present.version)
  found.otherDate(path, present, wished)
  if (refunded === undefined) return
  const value = { value: present.refunded, currency: present.amount.currency }
  const sums = { path: `${path}.refunded`, present: value, wished: refunded }
  const more = moreThan(found, sums, present.version, (state) => state.transactions.find(isIt)?.refunded)
  if (more) found.withReason(more, 'refunded', (reason) => ({ transaction, amount: more.amount, reason }))
}
