import { defineEvent } from '../../define-event.ts'
import { Indicated } from '../../knowledge.ts'
import { originOf } from '../../origin.ts'
import { accepted } from '../../refusals.ts'

const IndicatorReportedData = Indicated.meta({
  id: 'IndicatorReportedData',
  description:
    'The target of an indicator, its actual value, or both: for promises such as \u201cfrom 1 to 3 % of the budget\u201d. Values are decimal numbers as text.',
  examples: [
    {
      indicator: 'budget-share',
      title: { en: 'Share of the state budget for science' },
      unit: { en: '% of the state budget' },
      baseline: '1',
      target: '3',
      direction: 'at-least',
    },
  ],
})

export const indicatorReported = defineEvent({
  type: 'indicator-reported',
  schemaVersion: 1,
  group: 'delivery',
  words: {
    en: { label: 'Indicator reported', description: 'A target or an actual value of an indicator was reported.' },
    vi: { label: 'Báo cáo chỉ số', description: 'Nêu mục tiêu hoặc giá trị thực tế của một chỉ số.' },
    ko: { label: '지표 보고', description: '지표의 목표값이나 실제값이 보고되었다.' },
  },
  data: IndicatorReportedData,
  happens: true,
  sourced: true,
  acts: 'a-party',
  accepts: 'open',
  from: 'open',
  decide: () => accepted,
  evolve(proposal, event) {
    return { ...proposal, indicators: [...proposal.indicators, { ...event.data, ...originOf(event) }] }
  },
})
