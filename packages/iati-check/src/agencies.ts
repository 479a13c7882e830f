/**
 * Organisation identifiers begin with the code of an agency. The whole register is org-id.guide's; these are the codes of Korea and Viet Nam, and
 * those that are used everywhere.
 */
export const agencies = [
  'KR-BRN',
  'KR-COA',
  'VN-COA',
  'VN-MOST',
  'XI-GRID',
  'XI-IATI',
  'XI-LEI',
  'XI-PB',
  'XI-ROR',
  'XI-WIKIDATA',
  'XM-DAC',
  'XM-OCHA',
]
