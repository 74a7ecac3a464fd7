# SPDX-License-Identifier: MIT
use strict;
use warnings;

use Smoke;
use Test::More;

subtest program_reads_it => sub {
    my @offset = Timens::Core::offset_to( $Timens::Core::CLOCK_BOOTTIME, 4294967, 296000000 );
    my ($uptime) = output( [ 'cat', '/proc/uptime' ], offsets => offsets( boottime => \@offset ) );
    my ($past) = $uptime =~ /^(\d+)/;
    ok $past >= 4294967 && $past < 4294967 + 60, "$past seconds";
};

subtest bad_readings => sub {
    my @failed = failure { Timens::Core::offset_to( $Timens::Core::CLOCK_MONOTONIC, 0, 1000000000 ) };
    is_deeply [ @failed[ 0, 1 ] ], [ $ERRNO{EINVAL}, 'args' ];
};

done_testing;
