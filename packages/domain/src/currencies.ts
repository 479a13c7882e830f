/**
 * Currencies and their minor units: ISO 4217 (list one of SIX, the maintenance agency, 2026), by the number of decimals. Written out here
 * since what `Intl` knows of decimals is what is customary on price tags (none for HUF or LAK), not what the standard says.
 *
 * Left out: precious metals, bond-market units, the testing code and "no currency" (`XAG XAU XPD XPT XBA XBB XBC XBD XTS XXX`), in which nobody
 * commits money. Kept: currencies withdrawn since 2018, because old commitments are in them (`ANG BGN CUC HRK SLL ZWL`). For the units of
 * account without minor unit (`XDR XSU XUA`) two decimals are accepted.
 */
const byDecimals: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2:
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC ' +
    'CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR ' +
    'KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP ' +
    'PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN ' +
    'UYU UZS VED VES WST XCD XCG XDR XSU XUA YER ZAR ZMW ZWG ZWL',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

const decimalsOf = new Map<string, number>(
  Object.entries(byDecimals).flatMap(([decimals, codes]) =>
    codes.split(' ').map((code) => [code, Number(decimals)] as const),
  ),
)

/** Every accepted currency code, in alphabetical order. */
export const currencies: readonly string[] = [...decimalsOf.keys()].toSorted()

export function isCurrency(code: string): boolean {
  return decimalsOf.has(code)
}

/** How many decimals amounts in this currency may have. Throws for a code that is not a currency. */
export function minorUnits(currency: string): number {
  const decimals = decimalsOf.get(currency)
  if (decimals === undefined) throw new RangeError(`Not a currency of ISO 4217: ${currency}`)
  return decimals
}
