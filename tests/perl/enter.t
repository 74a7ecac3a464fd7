# SPDX-License-Identifier: MIT
# This process itself moves in, which is the last thing that it does here.
use strict;
use warnings;

use Smoke;
use Test::More;

subtest moves_the_caller => sub {
    my %asked = ( boottime => [ 86400, 600000000 ], monotonic => [ -1, 999999999 ] );
    my $expected = add( own(), \%asked );
    Timens::Core::enter( offsets(%asked), $Timens::Core::USERNS_AUTO );
    is_deeply own(), $expected;
    my ($shown) = clocks(undef);
    is_deeply $shown, $expected;
};

done_testing;
