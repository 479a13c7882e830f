import type { AnswerTo } from '@commitments/client'

export type Status = AnswerTo<'/v1/proposals/{proposalId}'>
