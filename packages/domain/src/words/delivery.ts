import type { WordTable } from './words.ts'

/** The result of a milestone. */
export const outcomeWords = {
  met: {
    en: { label: 'Met', description: 'The milestone was reached.' },
    vi: { label: 'Đạt', description: 'Mốc đã đạt.' },
    ko: { label: '달성', description: '중간 목표를 달성하였다.' },
  },
  'partially-met': {
    en: { label: 'Partially met', description: 'The milestone was reached in part.' },
    vi: { label: 'Đạt một phần', description: 'Mốc đã đạt một phần.' },
    ko: { label: '부분 달성', description: '중간 목표를 일부 달성하였다.' },
  },
  missed: {
    en: { label: 'Missed', description: 'The milestone was not reached.' },
    vi: { label: 'Không đạt', description: 'Mốc không đạt.' },
    ko: { label: '미달성', description: '중간 목표를 달성하지 못하였다.' },
  },
  waived: {
    en: { label: 'Waived', description: 'The milestone is no longer required.' },
    vi: { label: 'Được miễn', description: 'Mốc không còn bắt buộc.' },
    ko: { label: '면제', description: '중간 목표가 더 이상 요구되지 않는다.' },
  },
} as const satisfies WordTable

/** The decision of a session on an item of its agenda. */
export const resolutionWords = {
  adopted: {
    en: { label: 'Adopted', description: 'The session adopted the item.' },
    vi: { label: 'Thông qua', description: 'Khóa họp đã thông qua nội dung.' },
    ko: { label: '채택', description: '회의가 의제를 채택하였다.' },
  },
  deferred: {
    en: { label: 'Deferred', description: 'The session postponed the item.' },
    vi: { label: 'Hoãn', description: 'Khóa họp hoãn xem xét nội dung.' },
    ko: { label: '보류', description: '회의가 의제를 다음으로 미루었다.' },
  },
  noted: {
    en: { label: 'Noted', description: 'The session took note of the item.' },
    vi: { label: 'Ghi nhận', description: 'Khóa họp ghi nhận nội dung.' },
    ko: { label: '유의', description: '회의가 의제에 유의하였다.' },
  },
  rejected: {
    en: { label: 'Rejected', description: 'The session did not accept the item.' },
    vi: { label: 'Bác', description: 'Khóa họp không chấp nhận nội dung.' },
    ko: { label: '부결', description: '회의가 의제를 받아들이지 않았다.' },
  },
} as const satisfies WordTable

/** How the actual value of an indicator is compared with its target. */
export const directionWords = {
  'at-least': {
    en: { label: 'At least', description: 'The target is met at this value or above it.' },
    vi: { label: 'Tối thiểu', description: 'Đạt khi bằng hoặc cao hơn mục tiêu.' },
    ko: { label: '이상', description: '목표값 이상이면 달성이다.' },
  },
  'at-most': {
    en: { label: 'At most', description: 'The target is met at this value or below it.' },
    vi: { label: 'Tối đa', description: 'Đạt khi bằng hoặc thấp hơn mục tiêu.' },
    ko: { label: '이하', description: '목표값 이하이면 달성이다.' },
  },
  exactly: {
    en: { label: 'Exactly', description: 'The target is met at this value only.' },
    vi: { label: 'Đúng bằng', description: 'Chỉ đạt khi đúng bằng mục tiêu.' },
    ko: { label: '일치', description: '목표값과 같아야 달성이다.' },
  },
} as const satisfies WordTable

/** The kind of date that is due. */
export const dueWords = {
  'planned-end': {
    en: { label: 'Planned end', description: 'The planned end of the proposal.' },
    vi: { label: 'Kết thúc dự kiến', description: 'Thời hạn kết thúc dự kiến của toàn bộ.' },
    ko: { label: '종료 예정', description: '전체의 종료 예정일이다.' },
  },
  milestone: {
    en: { label: 'Milestone', description: 'The date of a milestone.' },
    vi: { label: 'Mốc', description: 'Thời hạn của một mốc.' },
    ko: { label: '중간 목표', description: '중간 목표의 기한이다.' },
  },
} as const satisfies WordTable
