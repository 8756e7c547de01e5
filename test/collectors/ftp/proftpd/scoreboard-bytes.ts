/** Makes the bytes of a scoreboard, for what no real server would write. */
export interface Slot {
  pid: number
  user?: string | Buffer
  serverLabel?: string
  clientAddress?: string
  protocol?: string
  cwd?: string | Buffer
  command?: string
  argument?: string | Buffer
  idleSince?: number
  beganAt?: number
  transferSize?: number
  transferDone?: number
  transferLength?: number
}

export function scoreboardBytes(header: { masterPid?: number; startedAt?: number }, slots: (Slot | null)[]): Buffer {
  const bytes = Buffer.alloc(32 + slots.length * 624)
  bytes.writeBigUInt64LE(0xdeadbeefn, 0)
  bytes.writeBigUInt64LE(0x01040003n, 8)
  bytes.writeInt32LE(header.masterPid ?? 1, 16)
  bytes.writeBigInt64LE(BigInt(header.startedAt ?? 1_700_000_000), 24)
  slots.forEach((slot, number) => slot && writeSlot(bytes.subarray(32 + number * 624), slot))
  return bytes
}

function writeSlot(bytes: Buffer, slot: Slot): void {
  bytes.writeInt32LE(slot.pid, 0)
  const text = (value: string | Buffer, offset: number, size: number) =>
    Buffer.from(value as string).copy(bytes, offset, 0, size - 1)
  text(slot.user ?? 'alice', 12, 32)
  text(slot.serverLabel ?? 'Main host', 128, 32)
  text(slot.clientAddress ?? '192.0.2.7', 160, 46)
  text(slot.protocol ?? 'ftp', 318, 32)
  text(slot.cwd ?? '/', 350, 80)
  text(slot.command ?? 'idle', 430, 65)
  text(slot.argument ?? '', 495, 80)
  const numbers = [slot.idleSince ?? 1_700_000_100, slot.beganAt ?? 1_700_000_050]
  numbers.push(slot.transferSize ?? 0, slot.transferDone ?? 0, slot.transferLength ?? 0)
  numbers.forEach((value, place) => bytes.writeBigInt64LE(BigInt(value), 576 + place * 8))
}
