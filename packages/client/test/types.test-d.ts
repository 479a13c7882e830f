/** Code that must not compile: `tsc` fails if one of these lines is no longer an error. Nothing here is ever run. */
import { type Client, createClient, type ProposalStatus, type Seen } from '@commitments/client'

declare const client: Client
const evidence = [{ title: 'Report', supports: 'Says so.' }]

export async function writes(): Promise<void> {
  const agreed = { type: 'agreed', occurredOn: '2026-08', evidence } as const
  const data = { form: 'agreement', parties: ['most-vn', 'msit-kr'] } as const
  const body = { ...agreed, data: { ...data, parties: [...data.parties] } }
  const recorded = await client.recordEvent('jcm10', body, { ifMatch: 1 })
  recorded.version satisfies number
  const decided = await client.recordEvent('jcm10', body, { dryRun: true })
  decided.dryRun satisfies true
  // @ts-expect-error: a dry run records nothing, so it has no position
  decided.position satisfies number
  // @ts-expect-error: data of another event
  await client.recordEvent('jcm10', { ...agreed, data: { line: 'kr-grant' } })
  // @ts-expect-error: there is no such event
  await client.recordEvent('jcm10', { ...body, type: 'imagined' })
  // @ts-expect-error: there is no such member
  await client.recordEvent('jcm10', { ...body, surprise: true })
  // @ts-expect-error: occurredOn is missing; where it is not known it is null
  await client.recordEvent('jcm10', { type: 'agreed', evidence, data: body.data })
  const line = { line: 'a', provider: 'gov-kr', receiver: 'most-vn', financeType: 'grant' } as const
  const funded = { type: 'funded', occurredOn: null, evidence } as const
  await client.recordEvent('jcm10', { ...funded, data: { ...line, amount: { value: '5', currency: 'USD' } } })
  // @ts-expect-error: amounts are decimal text, never numbers
  await client.recordEvent('jcm10', { ...funded, data: { ...line, amount: { value: 5, currency: 'USD' } } })
  // @ts-expect-error: the one or the other
  await client.recordEvent('jcm10', body, { ifMatch: 1, ifNoneMatch: '*' })
  // @ts-expect-error: only * is a precondition of this kind
  await client.recordEvent('jcm10', body, { ifNoneMatch: '"1"' })
  // @ts-expect-error: a dry run takes no key
  await client.recordEvent('jcm10', body, { dryRun: true, idempotencyKey: 'key' })
  // @ts-expect-error: a line of a bulk call names its proposal
  client.recordEvents([body])
  client.recordEvents([{ proposalId: 'jcm10', ...body }])
}

export async function reads(): Promise<void> {
  const { value } = await client.getProposal('jcm10', { atLeast: 17 })
  value.stage satisfies string
  const conditional = await client.getProposal('jcm10', { ifNoneMatch: '"a"' })
  // @ts-expect-error: it may be what the caller has already
  conditional satisfies Seen<ProposalStatus>
  // @ts-expect-error: there is no such stage
  client.listProposals({ stage: ['imagined'] })
  // @ts-expect-error: the cursor is the iteration's own
  client.listProposals({ cursor: 'abc' })
  // @ts-expect-error: a status has no such member
  value.imagined satisfies string
  // @ts-expect-error: positions are numbers
  await client.waitFor('17')
}

// @ts-expect-error: both services are needed
createClient({ commandUrl: 'http://127.0.0.1:8080' })
