# SPDX-License-Identifier: MIT
use strict;
use warnings;

use Smoke;
use Test::More;

subtest the_shared_table => sub {
    my $rows = vectors('durations')->{points};
    ok @$rows > 0;
    is_deeply [ ( Timens::Core::point($_) )[ 0 .. 2 ] ], [ @{ $rows->[$_] }{qw(name sec nsec)} ], "point $_" for 0 .. $#$rows;
    is_deeply [ Timens::Core::point( scalar @$rows ) ], [];
};

done_testing;
