import { z } from 'zod'
import { When } from './dates.ts'

/** The event that a part of the state comes from: every part has it, so that a reader finds who said so, and the evidence. */
export const origin = {
  occurredOn: When.nullable(),
  version: z.int().min(1).meta({ description: 'The version of that event.' }),
} as const

export interface Origin {
  readonly occurredOn: When | null
  readonly version: number
}

export function originOf({ occurredOn, version }: Origin): Origin {
  return { occurredOn, version }
}
