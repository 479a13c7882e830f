/**
 * Currencies and their minor units: ISO 4217 (list one of SIX, the maintenance agency, 2026), by the number of decimals. They are listed
 * here, because the decimals in `Intl` are those of price tags (none for HUF or LAK), not those of the standard.
 *
 * Left out are precious metals, bond-market units, the testing code and "no currency" (`XAG XAU XPD XPT XBA XBB XBC XBD XTS XXX`), in which
 * nobody commits money. Units of account without a minor unit (`XDR XSU XUA`) accept two decimals.
 */
const byDecimals: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2:
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC ' +
    'CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR ' +
    'KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP ' +
    'PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN ' +
    'UYU UZS VED VES WST XCD XCG XDR XSU XUA YER ZAR ZMW ZWG',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

/**
 * Withdrawn currencies, by their decimals, each list after the month (or year) of its withdrawal: `2002-03 DEM FRF; 2008-01 CYP`. The
 * source is ISO 4217, list three (historic denominations) of SIX, in the data set currency-codes of datahub.io of February 2026. For a
 * currency of several countries, the last withdrawal counts, and for a range of years its end. List three does not give decimals:
 * currencies without any are taken from earlier editions of list one, as the JDK keeps them; the dinar of Democratic Yemen has three, and
 * all others have two. Units of account in which nobody commits money (`XFO XFU XRE`) are left out, as above.
 */
const withdrawnByDecimals: Readonly<Record<number, string>> = {
  0: '2001-01 BYB; 2002-03 BEF ESP GRD ITL LUF PTE; 2002-11 TPE; 2003-07 ADP; 2004-12 MGF; 2005-06 ROL; 2005-12 TRL; 2017-01 BYR',
  2:
    '1979-12 LAJ; 1981 ESA GWE ILP MZE RHD; 1983-06 MTP; 1984-11 MLF; 1985-05 LSM; 1985-07 ARP; 1986-02 GNS PES; 1986-03 BRB; 1986-06 GQE; ' +
    '1987-02 BOP; 1987-05 UGS; 1989-02 BRC; 1989-12 ALK GNE MVQ UYN ZWC; 1990 ARY BGJ BGK CSJ ILR ISJ PEH ROK UGW VNC; 1990-01 YUD; 1990-02 BUK; ' +
    '1990-03 BEC BEL BRN LUC LUL; 1990-09 DDM; 1990-10 NIC; 1990-12 SUR; 1991-03 AOK; 1991-07 PEI; 1992-01 ARA; 1993-01 MXP; 1993-03 BRE CSK UYP; ' +
    '1993-07 LTT; 1994-02 ZRZ; 1994-07 BRR; 1994-12 ESB LVR; 1995-01 HRD; 1995-03 ZAL; 1995-10 GEK; 1995-11 YUN; 1996-09 UAK; 1997-01 PLZ; ' +
    '1997-05 GWP; 1998-06 SDP; 1998-07 BAD; 1999-01 XEU; 1999-06 ZRN; 2000-02 AON AOR; 2000-09 ECS ECV; 2001-04 TJR; 2002-03 ATS DEM FIM FRF IEP ' +
    'NLG; 2003-01 AFA; 2003-07 YUM; 2003-11 BGL; 2003-12 SRG; 2004-01 RUR; 2004-11 CHC; 2005-10 AYM; 2005-12 AZM; 2006-06 MZM; 2006-09 ZWN; ' +
    '2006-10 CSD; 2007-01 SIT; 2007-06 GHP; 2007-07 SDD; 2008-01 CYP GHC MTL VEB; 2008-08 ZWD; 2009-01 SKK TMM; 2009-06 ZWR; 2011-01 EEK; 2012-12 ' +
    'ZMK; 2014-01 LVL; 2014-03 USS; 2014-12 LTL; 2017-12 MRO STD; 2018-08 VEF; 2021-06 CUC; 2023-01 HRK; 2023-12 SLL; 2024-09 ZWL; 2025-03 ANG; ' +
    '2026-01 BGN',
  3: '1991-09 YDD',
}

const withdrawals = new Map<string, string>()
const decimalsOf = new Map<string, number>()
for (const [decimals, codes] of Object.entries(byDecimals)) {
  for (const code of codes.split(' ')) decimalsOf.set(code, Number(decimals))
}
for (const [decimals, lists] of Object.entries(withdrawnByDecimals)) {
  for (const list of lists.split('; ')) {
    const [withdrawn = '', ...codes] = list.split(' ')
    for (const code of codes) {
      decimalsOf.set(code, Number(decimals))
      withdrawals.set(code, withdrawn)
    }
  }
}

/** The month or year in which a currency was withdrawn, such as `2002-03`; undefined for one that is in use. */
export function withdrawnIn(currency: string): string | undefined {
  return withdrawals.get(currency)
}

/** Every accepted currency code, in alphabetical order, including withdrawn ones (see {@link withdrawnIn}). */
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
