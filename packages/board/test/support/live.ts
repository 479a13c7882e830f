/** What tests of the live board record, and how they wait for it. */
import type { Page } from 'playwright-core'
import type { Product } from './product.ts'

/** Needs nothing, changes no stage, and is possible for every proposal. */
export const confirmed = {
  type: 'confirmed',
  occurredOn: null,
  assertedBy: 'most-vn',
  data: { asOf: '2026-11-20' },
} as const

/** Records that the ministry confirms a proposal; returns the position. */
export async function confirm({ client }: Product, proposalId: string): Promise<number> {
  return (await client.recordEvent(proposalId, confirmed)).position
}

/** Waits until the page hears of what is recorded: after a silence, that takes longer. */
export async function live(page: Page): Promise<void> {
  await page.locator('.live.live').waitFor({ timeout: 40_000 })
}
