# SPDX-License-Identifier: MIT
use strict;
use warnings;

use Smoke;
use Test::More;

sub fails {
    my ( $argv, $asked, $errno, $stage, $part ) = @_;
    my @failed = failure { start( $argv, offsets => offsets( boottime => [ 1, 0 ] ), %$asked ) };
    is_deeply [ @failed[ 0, 1 ] ], [ $ERRNO{$errno}, $stage ], "@$argv";
    like $failed[2], qr/\Q$part/;
}

subtest program_not_found => sub {
    fails ['no-such-program-anywhere'], { env => ['PATH=/usr/bin:/bin'] }, 'ENOENT', 'exec', 'no-such-program-anywhere';
};

subtest bad_cwd => sub {
    fails ['true'], { cwd => '/no/such/folder' }, 'ENOENT',  'cwd', "'/no/such/folder'";
    fails ['true'], { cwd => '/dev/null' },       'ENOTDIR', 'cwd', "'/dev/null'";
};

subtest empty_argv => sub {
    fails [], {}, 'EINVAL', 'args', 'argv';
};

subtest nanoseconds_of_a_billion => sub {
    fails ['true'], { offsets => offsets( boottime => [ 0, 1000000000 ] ) }, 'EINVAL', 'offsets', '1000000000';
};

subtest clock_would_be_negative => sub {
    my $offsets = offsets( boottime => [ -3650 * 86400, 0 ] );
    fails ['true'], { offsets => $offsets }, 'ERANGE', 'offsets', 'the lowest offset possible now is -';
};

subtest unknown_flags => sub {
    fails ['true'], { flags => 1 << 63 }, 'EINVAL', 'args', 'flags';
};

subtest stage_names => sub {
    my $vectors = vectors 'stages';
    is Timens::Core::stage_name( $_->{number} ), $_->{name} for @{ $vectors->{stages} };
    is Timens::Core::route_name( $_->{number} ), $_->{name} for @{ $vectors->{routes} };
};

subtest failed_start_leaves_nothing => sub {
    my $count = sub { scalar( () = glob '/proc/self/fd/*' ) };
    my $before = $count->();
    for my $program ( '/no/such/program', '/dev/null' ) {
        failure { start( [$program], offsets => offsets( boottime => [ 1, 0 ] ) ) };
    }
    is $count->(), $before;
    is waitpid( -1, 0 ), -1;
};

done_testing;
