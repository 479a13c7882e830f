import type { WordTable } from './words.ts'

/** How sure the recorder of an event is of it. */
export const confidenceWords = {
  official: {
    en: { label: 'Official', description: 'An official source says so.' },
    vi: { label: 'Chính thức', description: 'Có nguồn chính thức.' },
    ko: { label: '공식', description: '공식 출처가 있다.' },
  },
  reported: {
    en: { label: 'Reported', description: 'A report says so, such as a news article.' },
    vi: { label: 'Theo tin đưa', description: 'Theo nguồn đưa tin, như bài báo.' },
    ko: { label: '보도', description: '기사 등 보도에 따른 것이다.' },
  },
  inferred: {
    en: { label: 'Inferred', description: 'It follows from other facts.' },
    vi: { label: 'Suy ra', description: 'Được suy ra từ các dữ kiện khác.' },
    ko: { label: '추정', description: '다른 사실에서 추정한 것이다.' },
  },
} as const satisfies WordTable

/** How serious a risk is. */
export const severityWords = {
  low: {
    en: { label: 'Low', description: 'It hardly endangers the result.' },
    vi: { label: 'Thấp', description: 'Ít ảnh hưởng đến kết quả.' },
    ko: { label: '낮음', description: '결과에 거의 영향을 주지 않는다.' },
  },
  medium: {
    en: { label: 'Medium', description: 'It may delay or reduce the result.' },
    vi: { label: 'Trung bình', description: 'Có thể làm chậm hoặc giảm kết quả.' },
    ko: { label: '보통', description: '결과가 늦어지거나 줄어들 수 있다.' },
  },
  high: {
    en: { label: 'High', description: 'It endangers a large part of the result.' },
    vi: { label: 'Cao', description: 'Đe dọa phần lớn kết quả.' },
    ko: { label: '높음', description: '결과의 상당 부분이 위태롭다.' },
  },
  critical: {
    en: { label: 'Critical', description: 'It endangers the whole result.' },
    vi: { label: 'Nghiêm trọng', description: 'Đe dọa toàn bộ đề xuất.' },
    ko: { label: '심각', description: '전체가 위태롭다.' },
  },
} as const satisfies WordTable

/** What a reader should check in the record. */
export const flagWords = {
  'acts-out-of-order': {
    en: {
      label: 'Dates out of order',
      description: 'An act has an earlier date than the act that it follows: one of the dates must be wrong.',
    },
    vi: {
      label: 'Ngày không theo trình tự',
      description: 'Một bước có ngày sớm hơn bước trước đó: một trong hai ngày chắc chắn sai.',
    },
    ko: {
      label: '날짜 순서 불일치',
      description: '어떤 단계의 날짜가 앞선 단계보다 이르므로 둘 중 하나는 잘못되었다.',
    },
  },
  'over-pledge': {
    en: { label: 'Above the pledge', description: 'More is committed from a pledge than was pledged.' },
    vi: { label: 'Vượt mức cam kết ban đầu', description: 'Vốn cam kết chính thức vượt mức đã công bố.' },
    ko: { label: '공여 의사 초과', description: '약정액이 표명된 공여액보다 많다.' },
  },
} as const satisfies WordTable
