import { Icon } from '@adminjs/design-system'
import type { RecordJSON } from 'adminjs'
import React from 'react'
import { useLocation } from 'react-router'
import { Link } from 'react-router-dom'
import { removeOneUrl } from '../shared/urls.js'
import { useTexts } from '../shared/use-texts.js'
import { RecordTable } from './record-table.js'
import { canBeTicked } from './selection.js'

type Props = Omit<React.ComponentProps<typeof RecordTable>, 'nameOf' | 'doWith'>

/** A table of sessions; each that may be ended has its Remove. */
export const SessionTable: React.FC<Props> = (props) => {
  const { say } = useTexts(props.resource.id)
  const { search } = useLocation()
  const nameOf = ({ params: { login, ip, host, severalHosts } }: RecordJSON) =>
    [login || say('noLogin'), ip, severalHosts && host].filter(Boolean).join(', ')
  return (
    <RecordTable
      {...props}
      nameOf={nameOf}
      doWith={(record) =>
        canBeTicked(record) ? (
          <RowActions record={record} resourceId={props.resource.id} who={nameOf(record)} search={search} />
        ) : null
      }
    />
  )
}

const RowActions: React.FC<{ record: RecordJSON; resourceId: string; who: string; search: string }> = ({
  record,
  resourceId,
  who,
  search,
}) => {
  const { say } = useTexts(resourceId)
  const actions = [
    ['removeOne', 'XCircle', removeOneUrl(resourceId, record.id, search)],
    ...(record.params.login
      ? [['removeAndKeepOut', 'Slash', removeOneUrl(resourceId, record.id, search, 'login')]]
      : []),
  ]
  return (
    <>
      {actions.map(([name, icon, url]) => (
        <Link
          key={name}
          id={`${name}-${record.id}`}
          to={url!}
          className={name === 'removeOne' ? 'remove-one' : 'remove-and-keep-out'}
          aria-label={say(name!, { login: who })}
          title={say(name!, { login: who })}
          style={{ color: 'inherit', marginLeft: 4 }}
        >
          <Icon icon={icon!} color="error" />
        </Link>
      ))}
    </>
  )
}
