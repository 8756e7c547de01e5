<?php
// A panel in PHP, for `php -S`: its sessions are PHP's own.
parse_str($_SERVER['QUERY_STRING'] ?? '', $query);
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
session_start();
switch ($path) {
    case '/login':
        session_regenerate_id(true);
        // Fall through.
    case '/become':
        $_SESSION['user'] = $query['user'];
        $_SESSION['ip'] = $_SERVER['REMOTE_ADDR'];
        $_SESSION['since'] = time();
        break;
    case '/logout':
        session_destroy();
        break;
    case '/hold':
        // Runs until its file has gone, with its session open.
        file_put_contents($query['until'], '');
        while (file_exists($query['until'])) {
            clearstatcache();
            usleep(2000);
        }
        if ($query['then'] === 'write') $_SESSION['count'] = ($_SESSION['count'] ?? 0) + 1;
        if ($query['then'] === 'reopen') {
            session_write_close();
            session_start();
            $_SESSION['count'] = 1;
        }
        if ($query['then'] === 'regenerate') session_regenerate_id();
        break;
    case '/save-by-itself':
        // As a session handler of the panel's own would: all that it had, under the same name.
        $data = session_encode();
        $file = session_save_path() . '/sess_' . session_id();
        file_put_contents($query['until'], '');
        while (file_exists($query['until'])) {
            clearstatcache();
            usleep(2000);
        }
        file_put_contents("$file.new", $data);
        rename("$file.new", $file);
        break;
}
header('Content-Type: text/plain');
echo $_SESSION['user'] ?? 'nobody';
