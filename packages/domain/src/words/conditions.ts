import type { WordTable } from './words.ts'

export const conditionWords = {
  done: {
    en: { label: 'Done', description: 'It was delivered or closed.' },
    vi: { label: 'Hoàn thành', description: 'Đã nghiệm thu, bàn giao hoặc đã quyết toán.' },
    ko: { label: '완료', description: '이행이 완료되었거나 정산 종결되었다.' },
  },
  ended: {
    en: { label: 'Ended', description: 'It ended before it was delivered.' },
    vi: { label: 'Đã kết thúc', description: 'Đã kết thúc khi chưa nghiệm thu, bàn giao.' },
    ko: { label: '종료', description: '이행이 완료되기 전에 끝났다.' },
  },
  suspended: {
    en: { label: 'Suspended', description: 'Work on it is suspended.' },
    vi: { label: 'Tạm dừng', description: 'Việc thực hiện đang tạm dừng.' },
    ko: { label: '중단', description: '진행이 중단되어 있다.' },
  },
  'at-risk': {
    en: { label: 'At risk', description: 'A party flagged a risk, and the risk was not cleared.' },
    vi: { label: 'Có rủi ro', description: 'Có rủi ro đã được cảnh báo và chưa được giải tỏa.' },
    ko: { label: '위험', description: '제기된 위험이 아직 해소되지 않았다.' },
  },
  overdue: {
    en: { label: 'Overdue', description: 'The last possible day of the planned end or of an open milestone is past.' },
    vi: {
      label: 'Quá hạn',
      description: 'Đã qua ngày muộn nhất có thể của thời hạn kết thúc hoặc của một mốc chưa có kết quả.',
    },
    ko: { label: '기한 경과', description: '종료 예정일 또는 결과가 없는 중간 목표의 마지막 가능일이 지났다.' },
  },
  'due-soon': {
    en: { label: 'Due soon', description: 'The planned end or an open milestone is due within 30 days.' },
    vi: {
      label: 'Sắp đến hạn',
      description: 'Thời hạn kết thúc hoặc một mốc chưa có kết quả sẽ đến hạn trong vòng 30 ngày.',
    },
    ko: { label: '기한 임박', description: '종료 예정일 또는 결과가 없는 중간 목표의 기한이 30일 안에 온다.' },
  },
  stale: {
    en: { label: 'No news', description: 'Nothing was recorded or confirmed for a year.' },
    vi: { label: 'Lâu chưa cập nhật', description: 'Đã một năm không có thông tin mới hoặc xác nhận mới.' },
    ko: { label: '장기 미갱신', description: '1년 동안 새로 기록되거나 확인된 내용이 없다.' },
  },
  'on-track': {
    en: { label: 'On track', description: 'It has a planned date, and that date is not near.' },
    vi: { label: 'Đúng tiến độ', description: 'Có thời hạn dự kiến và chưa gần đến hạn.' },
    ko: { label: '정상 추진', description: '계획된 기한이 있고 아직 여유가 있다.' },
  },
  unknown: {
    en: { label: 'No date known', description: 'No planned date is known, so nobody can say whether it is late.' },
    vi: { label: 'Chưa rõ thời hạn', description: 'Chưa biết thời hạn dự kiến nào để xác định tiến độ.' },
    ko: { label: '일정 미상', description: '지연 여부를 판단할 계획 일정이 알려져 있지 않다.' },
  },
} as const satisfies WordTable
