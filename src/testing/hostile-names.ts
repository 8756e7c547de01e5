/**
 * Names that nobody sane would choose and everybody may: markup, quotes and separators, control characters, a
 * right-to-left override, bytes that are not UTF-8, format strings, line ends, text that looks like another row, and one
 * as long as a file name may be. Buffers, because names are bytes.
 */
export const hostileNames: readonly Buffer[] = [
  Buffer.from('<img src=x onerror=alert(1)>'),
  Buffer.from(`quo"te's, com;ma|pipe\\back`),
  Buffer.from('tab\tbell\x07escape\x1b[2Jdel\x7f'),
  Buffer.from('invoice\u202efdp.exe'),
  Buffer.from('caf\xe9 \xff\xfe\x80', 'latin1'),
  Buffer.from('%s%n%00 ${x} $(x) `x`'),
  Buffer.from('two\nlines\r\n226 done'),
  Buffer.from('  ] [ alice (127.0.0.1) -> IDLE  '),
  Buffer.from('ä'.repeat(127)),
]
