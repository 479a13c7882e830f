import type { WordTable } from '@commitments/domain'
import { eventsTable } from './events-table.ts'
import { evidenceTable } from './evidence-table.ts'
import { linksTable } from './links-table.ts'
import { milestonesTable } from './milestones-table.ts'
import { moneyTable } from './money-table.ts'
import { partiesTable } from './parties-table.ts'
import { proposalsTable } from './proposals-table.ts'
import type { Table } from './table.ts'

/** Every table, in the order of the sheets of a workbook. */
export const allTables: readonly Table[] = [
  proposalsTable,
  partiesTable,
  moneyTable,
  milestonesTable,
  linksTable,
  evidenceTable,
  eventsTable,
]

export const tableDialectWords = {
  spreadsheet: {
    en: { label: 'For spreadsheets', description: 'With a byte order mark, and cells that no spreadsheet runs.' },
    vi: { label: 'Cho bảng tính', description: 'Có dấu thứ tự byte, và không ô nào bị chạy như công thức.' },
    ko: { label: '스프레드시트용', description: '바이트 순서 표시가 있고, 수식으로 실행될 칸이 없다.' },
  },
  plain: {
    en: { label: 'For programs', description: 'RFC 4180 as it is: every text unchanged.' },
    vi: { label: 'Cho chương trình', description: 'Đúng RFC 4180: mọi văn bản giữ nguyên.' },
    ko: { label: '프로그램용', description: 'RFC 4180 그대로이며, 모든 글을 바꾸지 않는다.' },
  },
} as const satisfies WordTable
