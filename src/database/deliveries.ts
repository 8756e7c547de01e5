import { LessThanOrEqual, type Repository } from 'typeorm'
import type { DeliveryRow } from './rows.js'

/** What is on its way to webhooks, in its table: written before it is sent, and deleted once it has arrived. */
export class Deliveries {
  constructor(private readonly repository: Repository<DeliveryRow>) {}

  async add(deliveries: Omit<DeliveryRow, 'id'>[]): Promise<void> {
    await this.repository.createQueryBuilder().insert().values(deliveries).updateEntity(false).execute()
  }

  /**
   * The oldest that are due, put off until then, so that no other process sends them as well; whoever dies in the middle
   * leaves them to be sent then.
   */
  async take(webhook: string, most: number, putOffUntil: Date): Promise<DeliveryRow[]> {
    const due = await this.repository.find({
      where: { webhook, dueAt: LessThanOrEqual(new Date()) },
      order: { dueAt: 'ASC', id: 'ASC' },
      take: most,
    })
    const taken = []
    for (const delivery of due) {
      const { affected } = await this.repository.update(
        { id: delivery.id, attempts: delivery.attempts },
        { attempts: delivery.attempts + 1, dueAt: putOffUntil },
      )
      if (affected === 1) taken.push({ ...delivery, attempts: delivery.attempts + 1 })
    }
    return taken
  }

  async arrived(id: number): Promise<void> {
    await this.repository.delete({ id })
  }

  /** @param dueAt when to try again; null where it is given up and only kept on record */
  async failed(id: number, error: string, dueAt: Date | null): Promise<void> {
    await this.repository.update({ id }, { error, dueAt })
  }
}
